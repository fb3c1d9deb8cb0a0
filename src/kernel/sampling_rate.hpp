#pragma once
// How much must be sampled for an error.

#include <algorithm>
#include <array>

#include "kernel/pilot.hpp"
#include "kernel/scaled_columns.hpp"

namespace prodigest::kernel {

/// A sampled value of more than so many times its rate is not scaled up. Without a limit one key
/// that was never seen before could spoil everything; the larger one is for terms of one sign,
/// which add up where they are missing.
inline constexpr std::array<float, 2> kClips = {kSurprise, 16 * kSurprise};

/// Keys are taken with probability min(1, deviation |x_j| / lambda), deviation that of the pair of
/// cells: for that sum of probabilities no other gives a smaller variance.
struct SamplingRate {
  float lambda = 0;
  double keys = 0;  ///< expected number taken for a query
  /// Expected, of all queries, for each clip; rather too large where the pilot is unsure.
  std::array<double, kClips.size()> square_errors{};

  std::size_t best() const {
    return static_cast<std::size_t>(std::ranges::min_element(square_errors) -
                                    square_errors.begin());
  }
  float clip() const { return kClips[best()]; }
  double square_error() const { return square_errors[best()]; }
};

class ErrorModel {
 public:
  ErrorModel(const Pilot& pilot, const WeightedKeys& keys, const ScaledColumns& x, Index queries);

  SamplingRate predict(float lambda, const Context& context) const;
  /// The largest lambda, about, whose square error is at most `most` and that takes some keys.
  SamplingRate choose(double most, const Context& context) const;

 private:
  SamplingRate of_group(Index a, float lambda) const;
  double of_surprises(Index a, float lambda, float clip) const;

  const Pilot& pilot_;
  const WeightedKeys& keys_;
  const ScaledColumns& x_;
  double queries_;
};

}  // namespace prodigest::kernel
