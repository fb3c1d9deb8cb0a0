#include "kernel/sampling_rate.hpp"

#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr float kLeastLambda = 1e-30F, kMostLambda = 1e6F;
constexpr double kPrecision = 1.01;  // of lambda
// Taken for a query even if fewer would do: few keys with large factors make errors that are rare
// and large, which verification would have to find.
constexpr double kFewestKeys = 64;

// Keys taken in a cell, and the sum over them of the variance of 1 / probability, times weight².
struct Cost {
  double keys = 0, variance = 0;
};

// Of keys that are taken with probability min(1, weight / whole).
Cost cost_of(const WeightedKeys& keys, Index cell, float whole) {
  const Index first = keys.starts[cell], end = keys.starts[cell + 1];
  const Index sampled = keys.weights[end - 1] < whole ? end : keys.first_of(cell, whole);
  Cost cost{.keys = static_cast<double>(end - sampled)};
  if (sampled > first) {
    const double sum = double{keys.sums[sampled - 1]}, squares = double{keys.squares[sampled - 1]};
    cost.keys += sum / double{whole};
    cost.variance = sum * double{whole} - squares;
  }
  return cost;
}

}  // namespace

ErrorModel::ErrorModel(const Pilot& pilot, const WeightedKeys& keys, const ScaledColumns& x,
                       Index queries)
    : pilot_(pilot), keys_(keys), x_(x), queries_(static_cast<double>(queries)) {}

SamplingRate ErrorModel::of_group(Index a, float lambda) const {
  SamplingRate sum{.lambda = lambda};
  double variance = 0;
  const Index cells = static_cast<Index>(keys_.starts.size()) - 1;
  for (Index cell = 0; cell < cells; ++cell) {
    const Cost cost = cost_of(keys_, cell, lambda / pilot_.rates(a, cell));
    sum.keys += cost.keys;
    variance += cost.variance * double{pilot_.squares(a, cell)} /
                static_cast<double>(keys_.starts[cell + 1] - keys_.starts[cell]);
  }
  for (std::size_t i = 0; i < kClips.size(); ++i)
    sum.square_errors[i] = variance + of_surprises(a, lambda, kClips[i]);
  return sum;
}

// What is missed of a surprise is missing if it is not scaled up, and varies much if it is.
double ErrorModel::of_surprises(Index a, float lambda, float clip) const {
  const Index rows = pilot_.rows_of_group, columns = x_.values.cols;
  const auto [first, end] = std::ranges::equal_range(
      pilot_.surprises, a, {}, [&](const Surprise& s) { return s.row / rows; });
  Matrix<double> missing(rows, columns);
  double squares = 0;
  for (auto s = first; s != end; ++s) {
    const float rate = pilot_.rates(a, s->cell);
    const double weight = double{x_.weights[s->key]}, value = double{s->value};
    const double whole = double{lambda} / double{rate};
    if (weight >= whole || weight == 0) continue;
    if (s->value <= clip * rate) {
      squares += value * value * weight * (whole - weight);
      continue;
    }
    for (Index c = 0; c < columns; ++c)
      missing(s->row % rows, c) += (1 - weight / whole) * value * double{x_.values(s->key, c)};
  }
  for (const double part : missing.storage) squares += part * part;
  return squares / static_cast<double>(rows);
}

SamplingRate ErrorModel::predict(float lambda, const Context& context) const {
  std::vector<SamplingRate> groups(pilot_.groups.size());
  parallel_blocks(context, std::ssize(groups), 8, [&](Index first, Index count) {
    for (Index a = first; a < first + count; ++a) groups[a] = of_group(a, lambda);
  });
  SamplingRate all{.lambda = lambda};
  const auto count = static_cast<double>(groups.size());
  for (const SamplingRate& group : groups) all.keys += group.keys / count;
  for (std::size_t i = 0; i < kClips.size(); ++i) {
    double mean = 0, square = 0;
    for (const SamplingRate& group : groups) {
      mean += group.square_errors[i] / count;
      square += group.square_errors[i] * group.square_errors[i] / count;
    }
    // With its own standard error: where few queries of the pilot make it, it may be much more.
    all.square_errors[i] =
        queries_ * (mean + std::sqrt(std::max(0.0, square - mean * mean) / count));
  }
  return all;
}

SamplingRate ErrorModel::choose(double most, const Context& context) const {
  double low = kLeastLambda, high = kMostLambda;
  while (high > low * kPrecision) {
    const double middle = std::sqrt(low * high);
    const SamplingRate rate = predict(static_cast<float>(middle), context);
    (rate.square_error() <= most && rate.keys >= kFewestKeys ? low : high) = middle;
  }
  return predict(static_cast<float>(low), context);
}

}  // namespace prodigest::kernel
