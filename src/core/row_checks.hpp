#pragma once
// What rows must be like before they are digested or multiplied. `where` begins the message of a
// refusal: the function that the caller knows.

#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

/// Squared norms of kept rows must lie between these, and so must weights, so that ranks u/w and
/// probabilities w tau are ordinary numbers and scaling by a power of two is exact.
inline constexpr double kLeastSquaredNorm = 0x1p-1022;
inline constexpr double kMostSquaredNorm = 0x1p960;

/// Refuses matrices without columns, and more columns than a CSR matrix can number.
void check_cols(const char* where, Index cols);

/// Refuses a block of other than `cols` columns, or without a row id for each row.
void check_block(const char* where, const RowsView& block, Index cols, std::size_t row_ids);

/// Refuses NaN, Inf and squared norms out of range, naming the row and, for NaN and Inf, the column.
/// @shape squared_norms, row_ids: [block.rows]
void check_rows(const char* where, const RowsView& block, std::span<const double> squared_norms,
                std::span<const RowId> row_ids);

/// Refuses CSR columns that do not ascend or are out of range.  @shape row_ids: [block.rows]
void check_columns(const char* where, const RowsView& block, std::span<const RowId> row_ids);

/// Refuses weights out of range; 0 is for zero rows only.  @shape all: [b]
void check_weights(const char* where, std::span<const double> weights,
                   std::span<const double> squared_norms, std::span<const RowId> row_ids);

}  // namespace prodigest
