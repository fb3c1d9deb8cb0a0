#!/bin/sh
# Installs what is missing, builds the command and runs its demo on the tables of data/packages.
# The demo's table goes to stdout, everything else to stderr.
set -eu
cd "$(dirname "$0")"
{
  sh tools/setup.sh
  cmake --preset run --log-level=WARNING
  cmake --build --preset run
} >&2
exec build/run/cli/prodigest demo "$@"
