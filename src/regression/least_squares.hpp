#pragma once
// Weighted least squares on rows, with whatever penalty they need.

#include <optional>
#include <vector>

#include "regression/weighted_rows.hpp"

namespace prodigest::regression {

/// A solution, with what is known of it.
struct Solution {
  std::vector<double> coefficients;     // [d]
  std::vector<double> standard_errors;  // [d], NaN for a column that says nothing
  double constant = 0;                  // x0
  double constant_error = 0;
  double ridge = 0;
  bool scaled_ridge = false;
  Index rank = 0;
};

/// How well each row is fitted.
struct RowFit {
  std::vector<double> shares;              // [t] weights that sum to one
  std::vector<double> errors;              // [t] target - fit
  std::vector<double> leverages;           // [t] of the fit, in [0, 1]
  std::vector<double> target;              // [t] target - fit of the constant alone
  std::vector<double> constant_leverages;  // [t] of that fit
};

struct LeastSquares {
  Solution solution;
  RowFit fit;
};

/// Minimises the weighted sum of squares plus a penalty: ridge ||x||² if a ridge is given, else
/// lambda times the sum of weight * variance_j * x_j² with the lambda that leave-one-out finds
/// best; 0 is tried where there are more rows than independent columns, so that exact data are
/// recovered. Where columns depend on each other and nothing is penalised: the solution of least
/// norm in columns of equal variance. Standard errors: HC3.
/// @complexity O(t d² + d³)
LeastSquares least_squares(const WeightedRows& rows, std::optional<double> ridge,
                           const Context& context);

}  // namespace prodigest::regression
