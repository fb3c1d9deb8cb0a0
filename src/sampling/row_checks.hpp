#pragma once
// What rows must be like before they are sampled or multiplied.

#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest::sampling {

/// Squared norms of kept rows must lie between these, and so must weights, so that ranks u/w and
/// probabilities w tau are ordinary numbers and scaling by a power of two is exact.
inline constexpr double kLeastSquaredNorm = 0x1p-1022;
inline constexpr double kMostSquaredNorm = 0x1p960;

/// Refuses matrices without columns, and more columns than a CSR matrix can number.
void check_cols(const char* where, Index cols);

/// Refuses NaN, Inf and squared norms out of range, naming the row and, for NaN and Inf, the column.
/// @shape squared_norms, row_ids: [block.rows]
void check_rows(const RowsView& block, std::span<const double> squared_norms,
                std::span<const RowId> row_ids);

/// Refuses CSR columns that do not ascend or are out of range.  @shape row_ids: [block.rows]
void check_columns(const RowsView& block, std::span<const RowId> row_ids);

/// Refuses weights out of range; 0 is for zero rows only.  @shape all: [b]
void check_weights(std::span<const double> weights, std::span<const double> squared_norms,
                   std::span<const RowId> row_ids);

}  // namespace prodigest::sampling
