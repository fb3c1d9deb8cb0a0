#!/bin/sh
# Installs the package's wheel into an environment of its own, build/venv, and tests it there.
set -eu
cd "$(dirname "$0")/.."
root=$PWD venv=$PWD/build/venv wheels=$PWD/build/wheels

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
rm -rf "$wheels"
sh tools/wheel.sh "$venv/bin/python" "$wheels"
ls -l "$wheels"
"$venv/bin/python" -m pip install -q -r python/tests/requirements.txt
"$venv/bin/python" -m pip install -q --force-reinstall --no-deps "$wheels"/*.whl
"$venv/bin/python" -m mypy -p prodigest
cd "$venv"  # where the sources are not, so that what is tested is what was installed
PRODIGEST_CLI=${PRODIGEST_CLI-$root/build/release/cli/prodigest} \
  exec "$venv/bin/python" -m pytest -c "$root/pyproject.toml" "$root/python/tests" "$root/examples"
