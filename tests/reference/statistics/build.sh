#!/bin/sh
# Rebuild the reference values of this folder.
set -eu
cd "$(dirname "$0")"
"${PYTHON:-python3}" make_data.py
for script in ranking survey examination components lines; do Rscript "$script.R" 2>/dev/null; done
Rscript -e 'for (p in c("survey", "sandwich", "BradleyTerry2", "qvcalc", "psych", "lme4")) suppressMessages(library(
  p, character.only = TRUE)); writeLines(capture.output(sessionInfo()), "sessionInfo.txt")'
