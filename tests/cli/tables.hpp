#pragma once
// Tables for the tests of the command, made of whole numbers, so that no digit is lost in text.

#include <fmt/format.h>

#include <string>

namespace prodigest::cli {

/// Lines of rows first, first + 1, ...: key, a heavy-tailed x and a signed y.
inline std::string table_rows(int first, int count, char separator = ',') {
  std::string lines;
  for (long r = first; r < first + count; ++r) {
    const long x = 100000 / (1 + r * 7919 % 9973), y = r * 31 % 101 - 50;
    lines += fmt::format("k{}{}{}{}{}\n", r, separator, x, separator, y);
  }
  return lines;
}

/// The same under a header.
inline std::string table(int first, int count, char separator = ',') {
  return fmt::format("id{}x{}y\n", separator, separator) + table_rows(first, count, separator);
}

}  // namespace prodigest::cli
