#!/bin/sh
# Builds and runs the C++ program of the README with the README's own CMake lines, against an
# installed copy.  usage: readme.sh CMAKE BUILD_TREE CXX
set -eu
cmake=$1 build_tree=$2 cxx=$3
readme=$(cd "$(dirname "$0")/../.." && pwd)/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

block() { # LANGUAGE: the README's first code block in it
  awk -v fence="^\`\`\`$1\$" '$0 ~ fence {inside = 1; next} /^```$/ {if (inside) exit} inside' "$readme"
}

"$cmake" --install "$build_tree" --prefix "$work/prefix" >/dev/null
block cpp > "$work/example.cpp"
{
  echo 'cmake_minimum_required(VERSION 3.25)'
  echo 'project(example LANGUAGES CXX)'
  block cmake
} > "$work/CMakeLists.txt"
"$cmake" -G Ninja -S "$work" -B "$work/build" \
  -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$work/prefix"
"$cmake" --build "$work/build"
answer=$(cd "$work" && "$work/build/example")
echo "$answer"
case $answer in
  *[0-9]" +- "[0-9]*) ;;
  *) echo "expected VALUE +- ERROR" >&2 && exit 1 ;;
esac
