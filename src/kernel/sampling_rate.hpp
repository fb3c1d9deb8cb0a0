#pragma once
// How much must be sampled for an error.

#include "kernel/pilot.hpp"
#include "kernel/scaled_columns.hpp"

namespace prodigest::kernel {

/// Keys are taken with probability min(1, deviation |x_j| / lambda), deviation that of the pair of
/// cells: for that sum of probabilities no other gives a smaller variance.
struct SamplingRate {
  float lambda = 0;
  double keys = 0;  ///< expected number taken for a query
  /// Expected, summed over all queries: with kernel values far above their rate not scaled up, and
  /// with all scaled up. The former errs less unless terms have one sign: then they add up.
  double clipped_error = 0, plain_error = 0;

  bool should_clip() const { return clipped_error <= plain_error; }
  double square_error() const { return should_clip() ? clipped_error : plain_error; }
};

class ErrorModel {
 public:
  ErrorModel(const Pilot& pilot, const WeightedKeys& keys, const ScaledColumns& x, Index queries);

  SamplingRate predict(float lambda, const Context& context) const;
  /// The largest lambda, about, whose square error is at most `most`.
  SamplingRate choose(double most, const Context& context) const;

 private:
  SamplingRate of_group(Index a, float lambda) const;
  void add_surprises(Index a, SamplingRate& rate) const;

  const Pilot& pilot_;
  const WeightedKeys& keys_;
  const ScaledColumns& x_;
  double queries_;
};

}  // namespace prodigest::kernel
