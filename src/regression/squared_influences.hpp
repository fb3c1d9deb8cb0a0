#pragma once
// Standard errors: what each row adds to the coefficients, squared and summed.

#include <limits>
#include <span>
#include <vector>

#include "regression/weighted_rows.hpp"

namespace prodigest::regression {

/// Adds up, over panels, the squares of what each row adds to x and to x0.
struct SquaredInfluences {
  const WeightedRows& rows;
  const Centring& centring;
  double constant_square;  // Gram entry of the constant, in the units of the inverse; 0 without one

  Index length() const { return rows.cols() + 1; }  // a sum for each column, then that of x0

  /// @param factor error of row t times its weight
  /// @param solved row t of panel * inverse, where the inverse is that of the penalised Gram matrix
  void add(Index t, double factor, std::span<const double> solved, std::span<double> sums) const {
    double on_constant = constant_square > 0 ? rows.constant_at(t) / constant_square : 0;
    for (std::size_t j = 0; j < solved.size(); ++j) {
      const double on_column = centring.scales[j] * solved[j];
      on_constant -= centring.means[j] * on_column;
      sums[j] += factor * on_column * factor * on_column;
    }
    sums[solved.size()] += factor * on_constant * factor * on_constant;
  }

  /// Square roots; NaN for columns that are constant.
  std::vector<double> standard_errors(std::span<const double> sums) const {
    std::vector<double> errors;
    for (std::size_t j = 0; j < sums.size(); ++j) {
      const bool unknown = j < centring.scales.size() && centring.scales[j] == 0;
      errors.push_back(unknown ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(sums[j]));
    }
    return errors;
  }
};

}  // namespace prodigest::regression
