#include "kernel/key_sampler.hpp"

#include <algorithm>

namespace prodigest::kernel {

void sample_keys(const WeightedKeys& keys, std::span<const float> distances,
                 const RateTable& table, float lambda, double uniform, SampledKeys& out) {
  out.keys.clear();
  out.factors.clear();
  const auto take = [&](Index i, float factor) {
    out.keys.push_back(keys.keys[i]);
    out.factors.push_back(factor);
  };
  double passed = 0, next = uniform;  // probability so far, and where the next key is taken
  for (std::size_t cell = 0; cell < distances.size(); ++cell) {
    const float share = table(distances[cell]) / lambda;
    const Index first = keys.starts[cell];
    Index end = keys.starts[cell + 1];
    if (keys.weights[end - 1] * share >= 1) {
      const Index whole = keys.first_of(static_cast<Index>(cell), 1 / share);
      for (Index i = whole; i < end; ++i) take(i, 1);
      end = whole;
      if (end == first) continue;
    }
    const double ahead = passed + double{keys.sums[end - 1]} * double{share};
    for (Index from = first; next < ahead; next += 1) {
      const auto place = static_cast<float>((next - passed) / double{share});
      const auto sums = keys.sums.begin();
      from = std::min<Index>(end - 1,
                             std::upper_bound(sums + from, sums + end, place) - sums);
      take(from, 1 / (keys.weights[from] * share));
    }
    passed = ahead;
  }
}

}  // namespace prodigest::kernel
