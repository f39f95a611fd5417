#!/bin/sh
# Rebuild the reference values of the agreement statistics: needs R with psych, and Python with numpy.
set -eu
cd "$(dirname "$0")"
"${PYTHON:-python3}" make_tables.py
Rscript reference.R
