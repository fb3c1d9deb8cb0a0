#pragma once
// The weight of a row, from its squared norm, and what a weight says about the norm.

#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::sampling {

/// Squared norms of kept rows must lie between these, so that ranks u/w and probabilities w tau are
/// ordinary numbers and scaling by a power of two is exact.
inline constexpr double kLeastSquaredNorm = 0x1p-1022;
inline constexpr double kMostSquaredNorm = 0x1p960;

/// Refuses NaN, Inf and squared norms out of range, naming the row and, for NaN and Inf, the column.
/// @shape squared_norms, row_ids: [block.rows]
void check_rows(const RowsView& block, std::span<const double> squared_norms,
                std::span<const RowId> row_ids);

/// Weight of a row of that squared norm; for kUser and the leverages the norm plays no part and
/// `given` is taken in its place.
double row_weight(const SampleSpec& spec, double squared_norm, double given);

/// An upper bound on the squared norm of a row whose weight is at most `weight`; infinity where the
/// weight says nothing. Negative `weight` bounds no row and gives 0.
double most_squared_norm(const RowSample& sample, double weight);

}  // namespace prodigest::sampling
