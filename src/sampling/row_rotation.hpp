#pragma once
// The random rotation of one row before it is coded.

#include <span>
#include <vector>

#include "coding/rotation.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::sampling {

/// coding::Rotation and, for short rows, two reflections after it. Signs alone leave a short row
/// few places to go: its error would be much the same whatever they are, which is a bias.
///
/// A reflection is x - 2 u <u, x> / <u, u>, u_i = (w >> 8) + 1/2 with w the 32-bit word i mod 4, as
/// a signed number, of block 0 or 1 (the second reflection) of Domain::kReflection, row i / 4.
class RowRotation {
 public:
  static constexpr Index kMostReflected = 64;

  RowRotation(Seed seed, Index length);
  /// @shape x: [length]
  void apply(std::span<float> x) const;
  void apply_inverse(std::span<float> x) const;

 private:
  coding::Rotation rotation_;
  std::vector<float> first_, second_;  // u, scaled to <u, u> = 2; empty for long rows
};

}  // namespace prodigest::sampling
