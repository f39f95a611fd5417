#!/bin/sh
# Rebuild every stored reference value. Needs python3 with samp_eval, and R with geepack, ordinal, VGAM and
# clubSandwich; multgee where it is installed (what it gave is kept where it is not).
set -eu
cd "$(dirname "$0")"
mkdir -p data
"${PYTHON:-python3}" simulate_data.py
Rscript textbook_data.R
for script in ordinal_independence.R exchangeable.R comparisons.R; do
  Rscript "$script"
done
Rscript -e 'for (p in c("ordinal", "VGAM", "geepack", "clubSandwich", "multgee")) suppressWarnings(suppressPackageStartupMessages(
  require(p, character.only = TRUE))); writeLines(capture.output(sessionInfo()), "sessionInfo.txt")'
sh agreement/build.sh
"${PYTHON:-python3}" export/make_exports.py
