#pragma once
// The share of a target's variance that a fit explains, without the optimism of a fit judged on its
// own rows.

#include <limits>
#include <optional>
#include <span>

#include "regression/least_squares.hpp"

namespace prodigest::regression {

struct Score {
  double raw = std::numeric_limits<double>::quiet_NaN();  // may be negative; its mean is right
  std::optional<double> value{};  // nothing if not above 0, or if nothing can be said
  double low = 0, high = 1;       // interval; [0, 1] says nothing
};

/// x with P(normal <= x) = probability, which is in (0, 1).
double normal_quantile(double probability);

/// A score and its standard error, as a Score of that confidence.
Score clipped_score(double value, double standard_error, double confidence);

/// 1 - N / D with N = sum of share e² / (1 - h) and D the same for the fit of the constant alone.
/// For equal weights that is the adjusted R². The interval is that of the linearised ratio, and not
/// narrower than the chance of `rank` columns without any relation to the target makes it.
/// Nothing is said if there are not more rows than `rank` and the constant take.
Score score_of(const RowFit& fit, Index rank, double confidence);

}  // namespace prodigest::regression
