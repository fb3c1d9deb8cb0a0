#pragma once
// The size of an error from that of some rows.

#include <span>

namespace prodigest::kernel {

struct ErrorEstimate {
  double error = 0;  ///< root of the sum of squares over all rows
  double bound = 0;  ///< upper confidence bound of it

  /// Whether it is above by more than the uncertainty, so that more rows would not help.
  bool surely_above(double most) const {
    return 2 * error * error - bound * bound > most * most;
  }
};

/// The sum of squares of rows drawn at random is taken to vary like events of one size B that
/// occur at random: B = third central moment / variance, and as many events as give the variance.
/// The bound is that of a Poisson count. So it has the right mean, variance and skewness; it is the
/// usual one for many rows of like size, and allows for 6.6 times as much where one row of many
/// carried everything. What happens in fewer than about one row of squares.size() it cannot see.
/// @param squares of the rows looked at, at least one
/// @param rows all that the sum goes over
/// @param failure probability that the error is above the bound
ErrorEstimate estimate_error(std::span<const double> squares, double rows, double failure);

}  // namespace prodigest::kernel
