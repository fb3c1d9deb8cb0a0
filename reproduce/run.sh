#!/bin/sh
# Makes the figures anew: sh reproduce/run.sh [SCRIPT...], e.g. figure1 which_method. Tables go to
# stdout, pictures and numbers to build/reproduce. Builds the command and a Python environment first.
set -eu
cd "$(dirname "$0")/.."
{
  sh tools/setup.sh
  cmake --preset run --log-level=WARNING
  cmake --build --preset run
  python3 -m venv build/reproduce/venv
  build/reproduce/venv/bin/pip install -q -r reproduce/requirements.txt
} >&2
[ $# -gt 0 ] || set -- figure1 figure2 figure3 which_method recommendations rate_distortion real_codes attention_quality attention_speed minilm_heads
for script in "$@"; do
  build/reproduce/venv/bin/python "reproduce/$script.py"
done
