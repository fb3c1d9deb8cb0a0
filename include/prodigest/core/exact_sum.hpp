#pragma once
/// A sum of doubles without rounding, so that it does not depend on order or sharding.

#include <cstdint>
#include <span>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest {

/// Exact sum of finite doubles: 32-bit limbs in 64-bit words, carried lazily, over a window of
/// exponents that grows on demand (a column of ordinary numbers needs 4 to 6 limbs).
/// @complexity a few nanoseconds an addition
class ExactSum {
 public:
  ExactSum() = default;
  /// The sum of a list of doubles, as written by expansion().
  explicit ExactSum(std::span<const double> terms);

  void add(double x);  ///< @throws Error{kInvalidArgument} on NaN or Inf
  void add(const ExactSum& other);
  void subtract(const ExactSum& other);

  /// Nearest double, ties to even; +-Inf beyond the range of double.
  double rounded() const;

  /// The exact value as the shortest list t0, t1, ... where t0 is the rounded sum, t1 the rounded
  /// remainder and so on; empty for zero. Equal sums give equal lists. Beyond the
  /// range of double it is +-Inf alone, from which no sum can be made again.
  std::vector<double> expansion() const;

 private:
  void add_scaled(double x, int sign);
  void add_limbs(const ExactSum& other, int sign);
  void cover(int first, int last);
  void carry();

  int first_ = 0;                     // index of limbs_[0]; limb i weighs 2^(32 i - 1088)
  std::vector<std::int64_t> limbs_;
  std::int64_t pending_ = 0;          // additions since the last carry
};

}  // namespace prodigest
