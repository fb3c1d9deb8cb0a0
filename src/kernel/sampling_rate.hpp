#pragma once
// How much must be sampled for an error.

#include "kernel/pilot.hpp"
#include "kernel/scaled_columns.hpp"

namespace prodigest::kernel {

/// Keys are taken with probability min(1, rate |x_j| / lambda), rate the root mean square kernel
/// value of the pair of cells: for that sum of probabilities no other gives a smaller variance.
struct SamplingRate {
  float lambda = 0;
  double keys = 0;           ///< expected number taken for a query
  double square_error = 0;  ///< expected, summed over all queries
};

class ErrorModel {
 public:
  ErrorModel(const Pilot& pilot, const WeightedKeys& keys, const ScaledColumns& x, Index queries);

  SamplingRate predict(float lambda, const Context& context) const;
  /// The largest lambda, about, whose square error is at most `most`.
  SamplingRate choose(double most, const Context& context) const;

 private:
  SamplingRate of_group(Index a, float lambda) const;
  double square_bias(Index a, float lambda) const;

  const Pilot& pilot_;
  const WeightedKeys& keys_;
  const ScaledColumns& x_;
  double queries_;
};

}  // namespace prodigest::kernel
