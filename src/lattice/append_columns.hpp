#pragma once
// Columns, wherever they come from, to codes.

#include <functional>
#include <string>

#include "lattice/column_encoder.hpp"
#include "lattice/columns_of_rows.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::lattice {

/// "row 3, column 5".
std::string place_of(RowId row, Index column);

/// Says what is wrong with an entry that is_refused().
[[noreturn]] void refuse_entry(const char* where, double value, const std::string& place);

struct ColumnSource {
  Index cols = 0;
  /// Writes column first + j to row j.  @shape panel: [count, rows]
  std::function<void(Index first, MatrixView<double> panel)> copy;
  /// The place of an entry, for a message.
  std::function<std::string(Index column, Index entry)> place;
};

/// @shape row_ids: [columns.rows()] in the order of places, or empty: rows have their places as
/// names
/// @param first_col the name of column 0
ColumnSource source_of(const ColumnsOfRows& columns, std::span<const RowId> row_ids = {},
                       Index first_col = 0);

/// Spec and rows; no column yet.
LatticeParts no_columns(const LatticeSpec& spec, Index rows, std::uint64_t row_set);

/// Codes the columns, in parallel over panels of them, and adds them to the parts.
/// @param encoder of parts.spec and parts.rows
/// @throws Error{kInvalidArgument} on an entry that is_refused(), Error{kCancelled}; then the parts
/// are as they were
void append_columns(const char* where, const ColumnEncoder& encoder, const ColumnSource& source,
                    LatticeParts& parts, const Context& context);

}  // namespace prodigest::lattice
