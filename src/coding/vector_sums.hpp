#pragma once
// Sums over a vector and what it was coded as, the same bits for every instruction set: entries
// are dealt to eight lanes of doubles like cards, no multiply-add is fused.

#include <cstdint>
#include <span>

namespace prodigest::coding {

struct VectorSums {
  double product = 0;  ///< <x, v>
  double squares = 0;  ///< ||v||²
};

/// @shape x, v: [n]
VectorSums vector_sums(std::span<const float> x, std::span<const std::int8_t> v);
VectorSums vector_sums(std::span<const float> x, std::span<const float> v);

}  // namespace prodigest::coding
