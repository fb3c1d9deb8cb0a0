#pragma once
// Which columns play which part in a regression.

#include <optional>
#include <string>

#include "prodigest/base/types.hpp"
#include "prodigest/core/schema.hpp"

namespace prodigest::regression {

/// Name of the column of ones that stands for a row's being there at all.
inline constexpr char kPresent[] = "present";

/// Name of a column, or its number if columns have no names.
std::string column_name(const Schema& schema, Index column);

/// The column called "present", if there is one.
std::optional<Index> present_column(const Schema& schema);

/// The column of B that is meant; without `target` the only one besides "present".
/// @throws Error{kInvalidArgument}, naming the nearest column
Index target_column(const Schema& schema, Index cols, const std::string& target);

}  // namespace prodigest::regression
