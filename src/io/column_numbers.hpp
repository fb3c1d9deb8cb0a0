#pragma once
// Columns chosen from a file whose columns have numbers only.

#include <string>
#include <string_view>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::io {

/// The columns meant by "0", "3" and so on, in this order.
/// @param name stands for the file in error messages
/// @throws Error{kInvalidArgument} for what is no number in [0, cols), and for a repetition
std::vector<Index> column_numbers(std::string_view name, const std::vector<std::string>& columns,
                                  Index cols);

}  // namespace prodigest::io
