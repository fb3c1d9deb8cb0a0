#include "regression/columns.hpp"

#include <algorithm>
#include <charconv>

#include "base/fail.hpp"
#include "base/nearest_name.hpp"

namespace prodigest::regression {

std::string column_name(const Schema& schema, Index column) {
  return schema.columns.empty() ? std::to_string(column)
                                : schema.columns[static_cast<std::size_t>(column)];
}

std::optional<Index> present_column(const Schema& schema) {
  const auto found = std::ranges::find(schema.columns, kPresent);
  if (found == schema.columns.end()) return std::nullopt;
  return found - schema.columns.begin();
}

Index target_column(const Schema& schema, Index cols, const std::string& target) {
  if (target.empty()) {
    const auto present = present_column(schema);
    if (cols == 1) return 0;
    if (cols == 2 && present) return 1 - *present;
    fail(ErrorCode::kInvalidArgument,
         "regress: B has {} columns, expected the name or number of the one to predict, got none "
         "(name it as the target)",
         cols);
  }
  if (schema.columns.empty()) {
    Index number = -1;
    const auto end = target.data() + target.size();
    const auto [stop, error] = std::from_chars(target.data(), end, number);
    if (error != std::errc() || stop != end || number < 0 || number >= cols)
      fail(ErrorCode::kInvalidArgument,
           "regress: the columns of B have no names, expected a number from 0 to {}, got \"{}\"",
           cols - 1, target);
    return number;
  }
  const auto found = std::ranges::find(schema.columns, target);
  if (found == schema.columns.end())
    fail(ErrorCode::kInvalidArgument, "regress: {}",
         no_such_name("column", target, "B", schema.columns));
  return found - schema.columns.begin();
}

}  // namespace prodigest::regression
