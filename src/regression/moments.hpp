#pragma once
// Weighted means and variances of columns: where a regression begins.

#include "regression/weighted_rows.hpp"

namespace prodigest::regression {

struct Moments {
  double total_weight = 0;
  double constant_square = 0;  // mean of constant²: 1 for a column of ones, 0 without one
  std::vector<double> means;   // [d] how much of the constant each column holds; 0 without one
  std::vector<double>
      variances;               // [d] mean squares of what is left; exactly 0 for a constant column
  std::vector<double> shares;  // [t] weights that sum to one
  std::vector<double> target;  // [t] without its mean
  double target_mean = 0;

  /// Leverage of row t in the fit of the constant alone.
  double constant_leverage(const WeightedRows& rows, Index t) const {
    const double c = rows.constant_at(t);
    return c == 0 ? 0 : shares[static_cast<std::size_t>(t)] * c * c / constant_square;
  }
};

/// @complexity O(t d)
Moments moments_of(const WeightedRows& rows, const Context& context);

}  // namespace prodigest::regression
