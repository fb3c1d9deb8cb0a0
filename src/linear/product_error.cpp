#include "linear/product_error.hpp"

#include <algorithm>

namespace prodigest::linear {

Wide variance_factor(const LinearSpec& spec) {
  const auto size = static_cast<Wide>(spec.size);
  if (spec.op == Operator::kHadamard) {
    const auto length = static_cast<Wide>(spec.length);
    return spec.size == spec.length ? 0 : (length - size) / (size * (length - 1));
  }
  if (spec.op != Operator::kSparse) return 1 / size;
  // The mean of 1 / size over the bands, divided by how many there are.
  const Index small = spec.size / spec.nonzeros, large_bands = spec.size % spec.nonzeros;
  const auto bands = static_cast<Wide>(spec.nonzeros), large = static_cast<Wide>(large_bands);
  return ((bands - large) / static_cast<Wide>(small) + large / static_cast<Wide>(small + 1)) /
         (bands * bands);
}

Index independent_parts(const LinearSpec& spec) {
  return spec.op == Operator::kSparse ? spec.nonzeros : spec.size;
}

Wide mean_squared_error(const LinearSpec& spec, const ProductMoments& moments) {
  const auto& [norms, product, parts] = moments;
  const Wide factor = variance_factor(spec);
  const Wide count = static_cast<Wide>(independent_parts(spec));
  // The error if D is 0, since E||W||² = ||AᵀB||² + error.
  const Wide most = factor * (norms + product) / (1 + factor);
  if (count > 1) {
    const Wide spread = std::max<Wide>(0, (count * parts - product) / (count - 1));
    if (spec.op != Operator::kHadamard) return spread;
    const auto length = static_cast<Wide>(spec.length);
    return spread * (length - count) / length;
  }
  if (spec.op != Operator::kSparse || spec.size <= 3) return most;
  // CountSketch: three linear equations, for error, ||AᵀB||² and D.
  const auto size = static_cast<Wide>(spec.size);
  const Wide gain = 2 / (1 - 3 / size);
  const Wide error = (norms * (1 + gain / size) + product * (1 + 2 * gain / size) - gain * parts) /
                     (size + 1 + 2 * gain / size);
  // Not more than `most`: to cut what chance adds would leave too little on average.
  return std::clamp<Wide>(error, 0, factor * (norms + product));
}

}  // namespace prodigest::linear
