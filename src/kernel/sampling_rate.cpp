#include "kernel/sampling_rate.hpp"

#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr float kLeastLambda = 1e-30F, kMostLambda = 1e6F;
constexpr double kPrecision = 1.01;  // of lambda

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
  const Index cells = static_cast<Index>(keys_.starts.size()) - 1;
  for (Index cell = 0; cell < cells; ++cell) {
    const Cost cost = cost_of(keys_, cell, lambda / pilot_.rates(a, cell));
    sum.keys += cost.keys;
    sum.plain_error += cost.variance * double{pilot_.squares(a, cell)} /
                       static_cast<double>(keys_.starts[cell + 1] - keys_.starts[cell]);
  }
  sum.clipped_error = sum.plain_error;
  add_surprises(a, sum);
  return sum;
}

// What is missed of surprises is missing if they are not scaled up, and varies much if they are.
void ErrorModel::add_surprises(Index a, SamplingRate& rate) const {
  const Index rows = pilot_.rows_of_group, columns = x_.values.cols;
  const auto [first, end] = std::ranges::equal_range(
      pilot_.surprises, a, {}, [&](const Surprise& s) { return s.row / rows; });
  Matrix<double> missing(rows, columns);
  double variance = 0;
  for (auto s = first; s != end; ++s) {
    const double weight = double{x_.weights[s->key]}, value = double{s->value};
    const double whole = double{rate.lambda} / double{pilot_.rates(a, s->cell)};
    if (weight >= whole || weight == 0) continue;
    variance += value * value * weight * (whole - weight);
    for (Index c = 0; c < columns; ++c)
      missing(s->row % rows, c) +=
          (1 - weight / whole) * value * double{x_.values(s->key, c)};
  }
  double bias = 0;
  for (const double part : missing.storage) bias += part * part;
  rate.clipped_error += bias / static_cast<double>(rows);
  rate.plain_error += variance / static_cast<double>(rows);
}

SamplingRate ErrorModel::predict(float lambda, const Context& context) const {
  std::vector<SamplingRate> groups(pilot_.groups.size());
  parallel_blocks(context, std::ssize(groups), 8, [&](Index first, Index count) {
    for (Index a = first; a < first + count; ++a) groups[a] = of_group(a, lambda);
  });
  SamplingRate mean{.lambda = lambda};
  for (const SamplingRate& group : groups) {
    mean.keys += group.keys / static_cast<double>(groups.size());
    mean.clipped_error += group.clipped_error * queries_ / static_cast<double>(groups.size());
    mean.plain_error += group.plain_error * queries_ / static_cast<double>(groups.size());
  }
  return mean;
}

SamplingRate ErrorModel::choose(double most, const Context& context) const {
  double low = kLeastLambda, high = kMostLambda;
  while (high > low * kPrecision) {
    const double middle = std::sqrt(low * high);
    const SamplingRate rate = predict(static_cast<float>(middle), context);
    (rate.square_error() <= most ? low : high) = middle;
  }
  return predict(static_cast<float>(low), context);
}

}  // namespace prodigest::kernel
