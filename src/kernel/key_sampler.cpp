#include "kernel/key_sampler.hpp"

namespace prodigest::kernel {
namespace {

// The first of [first, end) whose sum is above `place`, or the last; without a branch to mispredict.
Index find_place(const float* sums, Index first, Index end, float place) {
  for (Index count = end - first; count > 1;) {
    const Index half = count / 2;
    first += sums[first + half - 1] <= place ? half : 0;
    count -= half;
  }
  return first;
}

}  // namespace

void sample_keys(const WeightedKeys& keys, std::span<const float> distances,
                 const RateTable& table, float lambda, double uniform,
                 std::vector<TakenKey>& taken, std::span<float> means) {
  taken.clear();
  double passed = 0, next = uniform;  // probability so far, and where the next key is taken
  for (std::size_t cell = 0; cell < distances.size(); ++cell) {
    const Rate rate = table(distances[cell]);
    const float share = rate.deviation / lambda;
    const Index first = keys.starts[cell];
    Index end = keys.starts[cell + 1];
    means[cell] = rate.mean;
    if (keys.weights[end - 1] * share >= 1) {
      const Index whole = keys.first_of(static_cast<Index>(cell), 1 / share);
      for (Index i = whole; i < end; ++i) taken.push_back({keys.keys[i], 1, rate.mean});
      end = whole;
      if (end == first) continue;
    }
    const double ahead = passed + double{keys.sums[end - 1]} * double{share};
    for (Index from = first; next < ahead; next += 1) {
      from = find_place(keys.sums.data(), from, end,
                        static_cast<float>((next - passed) / double{share}));
      taken.push_back({keys.keys[from], 1 / (keys.weights[from] * share), rate.mean});
    }
    passed = ahead;
  }
}

}  // namespace prodigest::kernel
