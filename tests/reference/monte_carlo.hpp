#pragma once
// Means over trials, with their standard errors.

#include <cmath>
#include <cstdint>

namespace prodigest {

class MeanOfTrials {
 public:
  void add(double x) {  // Welford: spikes must not drown the rest
    ++count_;
    const double step = x - mean_;
    mean_ += step / static_cast<double>(count_);
    squares_ += step * (x - mean_);
  }
  double mean() const { return mean_; }
  double standard_error() const {
    const auto count = static_cast<double>(count_);
    return std::sqrt(squares_ / (count - 1) / count);
  }
  /// How many standard errors the mean lies from `truth`. Rounding of relative size 1e-12 is
  /// nothing.
  double errors_from(double truth) const {
    const double distance = std::abs(mean_ - truth);
    return distance <= 1e-12 * std::abs(truth) ? 0 : distance / standard_error();
  }

 private:
  std::int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

/// Four standard errors of a frequency that is expected to be `rate`.
inline double four_errors_of_rate(double rate, int trials) {
  return 4 * std::sqrt(rate * (1 - rate) / trials);
}

}  // namespace prodigest
