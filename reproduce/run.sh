#!/bin/sh
# Regenerates Figures 1 to 3 of the sampling paper: sh reproduce/run.sh [FIGURE...]   e.g. 1 2
# Tables go to stdout, pictures and numbers to build/reproduce. Builds the command and a Python
# environment first. Figures 2 and 3 need the review data, see reproduce/README.md.
set -eu
cd "$(dirname "$0")/.."
{
  sh tools/setup.sh
  cmake --preset run --log-level=WARNING
  cmake --build --preset run
  python3 -m venv build/reproduce/venv
  build/reproduce/venv/bin/pip install -q -r reproduce/requirements.txt
} >&2
for figure in "${@:-1 2 3}"; do
  for number in $figure; do
    build/reproduce/venv/bin/python reproduce/figure$number.py
  done
done
