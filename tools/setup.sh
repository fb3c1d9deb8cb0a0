#!/bin/sh
# Installs the missing packages of tools/debian-packages.txt. Says nothing when none is missing.
set -eu
list=$(dirname "$0")/debian-packages.txt
packages=$(sed 's/#.*//' "$list")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: no apt here, so the packages of $list are taken to be installed" >&2
  exit 0
fi

missing=
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=unknown
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null; then
  as_root=sudo
else
  echo "setup: packages are missing and neither root nor sudo is at hand; as root, run" >&2
  echo "  apt-get update && apt-get install$missing" >&2
  exit 1
fi

echo "setup: installing$missing" >&2
$as_root apt-get update -qq >/dev/null
# shellcheck disable=SC2086  # a list of words is meant
$as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
