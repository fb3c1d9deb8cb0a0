#pragma once
// A random orthogonal map of vectors of any length, the same wherever seed, length and rounds are.

#include <span>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::coding {

/// `rounds` times: random signs, an orthonormal Hadamard transform of the first m = bit_floor(n)
/// coordinates and, unless n = m, random signs again and a transform of the last m. Sign i of step t
/// = 0, 1, ... is bit i mod 128 of block i / 128 of Domain::kLatticeRotation, row t. After two rounds
/// vectors of any shape look normal; after one a vector with a single entry does not.
class Rotation {
 public:
  static constexpr int kRounds = 2;

  /// @param length >= 1
  Rotation(Seed seed, Index length, int rounds = kRounds);

  Index length() const noexcept { return length_; }
  /// x <- Q x.  @shape x: [length]  @complexity rounds * n log2 n additions, in place
  void apply(std::span<float> x) const;
  /// x <- Qᵀ x.
  void apply_inverse(std::span<float> x) const;
  void apply(std::span<double> x) const;
  void apply_inverse(std::span<double> x) const;

 private:
  template <Real T>
  std::span<T> window(std::span<T> x, int step) const;
  template <Real T>
  void forward(std::span<T> x) const;
  template <Real T>
  void backward(std::span<T> x) const;

  Index length_, window_;
  int steps_;
  std::vector<float> signs_;  // steps * length, ±1
};

}  // namespace prodigest::coding
