#pragma once
// Rows with a one in front, so that products over a join carry counts and sums: [1, A]ᵀ[1, B].

#include <memory>
#include <string>

#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

/// Name of the column of ones.
inline constexpr char kPresence[] = "present";

/// The reader's rows behind a column of ones. Columns without names are called by their numbers in
/// the file.  Memory: one block
/// @param name of the file, for messages
/// @throws Error{kInvalidArgument} if there is a column of that name
std::unique_ptr<RowReader> with_presence(std::unique_ptr<RowReader> reader,
                                         const std::string& name);

}  // namespace prodigest::io
