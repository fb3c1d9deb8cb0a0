#pragma once
// The last step of attention: sums of weighted values over the sum of weights.

#include <span>

#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// sums(i, :) /= totals[i]; 0 where the total is 0.
void divide_by_totals(MatrixView<float> sums, std::span<const float> totals);
void divide_by_totals(MatrixView<double> sums, std::span<const double> totals);

/// The gradient of a loss in the sums and totals, from that in the means. dsums may be dmeans.
/// @shape means, dmeans, dsums: n x h, totals, dtotals: [n]
void divide_by_totals_backward(MatrixView<const float> means, MatrixView<const float> dmeans,
                               std::span<const float> totals, MatrixView<float> dsums,
                               std::span<float> dtotals);
void divide_by_totals_backward(MatrixView<const double> means, MatrixView<const double> dmeans,
                               std::span<const double> totals, MatrixView<double> dsums,
                               std::span<double> dtotals);

}  // namespace prodigest::attention
