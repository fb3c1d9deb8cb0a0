#pragma once
// Numbers and tables for people.

#include <cstdint>
#include <string>
#include <vector>

namespace prodigest::cli {

/// 45,213,000 bytes as "45.2 MB".
std::string bytes_text(std::uint64_t bytes);
/// Four significant digits; "none" for infinity and NaN.
std::string number_text(double value);
/// A share as a percentage with three significant digits.
std::string percent_text(double share);
/// 1234567 as "1,234,567".
std::string count_text(std::int64_t count);
/// Columns padded to their widest cell; the first to the left, the others to the right.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

}  // namespace prodigest::cli
