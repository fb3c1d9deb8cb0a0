#!/bin/sh
# Installs a build tree into an empty prefix, then builds and runs the consumer against it, once by
# find_package and once by pkg-config.  usage: find_package.sh CMAKE BUILD_TREE CXX
set -eu
cmake=$1 build_tree=$2 cxx=$3
consumer=$(cd "$(dirname "$0")/consumer" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build_tree" --prefix "$work/prefix" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name prodigest.pc)")
export PKG_CONFIG_PATH
version=$(pkg-config --modversion prodigest)

expect_version() { # WHO COMMAND...
  who=$1 && shift
  got=$("$@")
  case $got in
    *"$version"*) echo "$who: $got" ;;
    *) echo "$who: expected version $version, got $got" >&2 && exit 1 ;;
  esac
}

"$cmake" -G Ninja -S "$consumer" -B "$work/build" \
  -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$work/prefix"
"$cmake" --build "$work/build"
expect_version "by find_package" "$work/build/consumer"

# shellcheck disable=SC2046  # a list of flags is meant
"$cxx" -std=c++20 "$consumer/consumer.cpp" -o "$work/by_pkg_config" \
  $(pkg-config --static --cflags --libs prodigest) \
  -Wl,-rpath,"$(pkg-config --variable=libdir prodigest)"
expect_version "by pkg-config" "$work/by_pkg_config"

if [ -x "$work/prefix/bin/prodigest" ]; then
  expect_version "installed command" "$work/prefix/bin/prodigest" --version
fi
