#include "io/column_numbers.hpp"

#include <charconv>
#include <unordered_set>

#include "base/fail.hpp"

namespace prodigest::io {

std::vector<Index> column_numbers(std::string_view name, const std::vector<std::string>& columns,
                                  Index cols) {
  std::vector<Index> numbers;
  std::unordered_set<Index> seen;
  for (const std::string& text : columns) {
    Index number = -1;
    const char* end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || parsed != end || number < 0 || number >= cols) {
      fail(ErrorCode::kInvalidArgument,
           "{}: its {} columns have no names: expected a column number from 0, got \"{}\"", name,
           cols, text);
    }
    if (!seen.insert(number).second) {
      fail(ErrorCode::kInvalidArgument, "{}: column {} is chosen twice", name, number);
    }
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace prodigest::io
