#pragma once
// The rows that two samples share, weighted so that sums over them estimate sums over the join.

#include "prodigest/sampling/row_sample.hpp"
#include "regression/weighted_rows.hpp"

namespace prodigest::regression {

/// Rows whose id both samples hold, in order of id; weight 1 / p with p = min(1, u tau_A, v tau_B),
/// target the entry of `b` in column `target`. No constant.
WeightedRows matched_rows(const sampling::RowSample& a, const sampling::RowSample& b, Index target);

}  // namespace prodigest::regression
