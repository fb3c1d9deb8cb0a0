#!/bin/sh
# Installs what is missing, builds everything and runs every test: of the library and the command by
# ctest, of the Python package by pytest.
set -eu
cd "$(dirname "$0")"
sh tools/setup.sh
cmake --workflow --preset release
exec sh python/test.sh
