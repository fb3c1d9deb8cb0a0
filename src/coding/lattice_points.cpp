#include "prodigest/coding/lattice_points.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace prodigest::coding {
namespace {

bool is_odd(double integer) { return std::fmod(integer, 2.0) != 0.0; }

// In [0, q), of negative values too.
int modulo(std::int64_t value, int q) {
  const auto rest = static_cast<int>(value % q);
  return rest < 0 ? rest + q : rest;
}

}  // namespace

void nearest_zn(std::span<const double> x, std::span<double> point) {
  std::ranges::transform(x, point.begin(), [](double value) { return std::nearbyint(value); });
}

void nearest_dn(std::span<const double> x, std::span<double> point) {
  nearest_zn(x, point);
  bool odd = false;
  double furthest = -1.0;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    odd ^= is_odd(point[i]);
    const double distance = std::abs(x[i] - point[i]);
    if (distance > furthest) {
      furthest = distance;
      moved = i;
    }
  }
  if (odd) point[moved] += x[moved] >= point[moved] ? 1.0 : -1.0;
}

Point8 nearest_e8(const Point8& x) {
  Point8 rounded, below;
  double sum = 0.0, largest = -1.0, least = 1.0;
  std::size_t at_largest = 0, at_least = 0;
  bool rounded_odd = false, below_odd = false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    rounded[i] = std::nearbyint(x[i]);
    below[i] = std::floor(x[i]);
    rounded_odd ^= is_odd(rounded[i]);
    below_odd ^= is_odd(below[i]);
    const double distance = std::abs(x[i] - rounded[i]);
    sum += distance;
    if (distance > largest) {
      largest = distance;
      at_largest = i;
    }
    if (distance < least) {
      least = distance;
      at_least = i;
    }
  }
  const double half_costs_more =
      2.0 - sum + (below_odd ? 2.0 * least : 0.0) - (rounded_odd ? 1.0 - 2.0 * largest : 0.0);
  if (half_costs_more >= 0.0) {
    if (rounded_odd) rounded[at_largest] += x[at_largest] >= rounded[at_largest] ? 1.0 : -1.0;
    return rounded;
  }
  Point8 half;
  std::ranges::transform(below, half.begin(), [](double value) { return value + 0.5; });
  if (below_odd) half[at_least] += x[at_least] >= rounded[at_least] ? -1.0 : 1.0;
  return half;
}

double e8_gauge(const Point8& x) {
  double largest = 0.0, second = 0.0, least = std::abs(x[0]), sum = 0.0;
  bool negative = false;
  for (const double value : x) {
    const double size = std::abs(value);
    second = std::max(second, std::min(largest, size));
    largest = std::max(largest, size);
    least = std::min(least, size);
    sum += size;
    negative ^= value < 0.0;
  }
  return std::max(largest + second, 0.5 * sum - (negative ? least : 0.0));
}

Labels e8_labels(const Doubled& point, int q) {
  Labels labels;
  const std::int64_t first = point[0];
  std::int64_t last = (point[7] - first) / 2;
  labels[0] = modulo(first, q);
  for (std::size_t i = 1; i < 7; ++i) {
    const std::int64_t label = (point[i] - first) / 2;
    labels[i] = modulo(label, q);
    last -= label;
  }
  labels[7] = modulo(last / 2, q);
  return labels;
}

Doubled e8_representative(const Labels& labels, int q) {
  const int period = 2 * q;
  Doubled sums;  // the point in the basis, its coordinates not reduced; none is negative
  sums[0] = labels[0];
  sums[7] = labels[0] + 4 * labels[7];
  for (std::size_t i = 1; i < 7; ++i) {
    sums[i] = labels[0] + 2 * labels[i];
    sums[7] += 2 * labels[i];
  }

  Doubled integer, half;  // nearest to 0 of the two cosets of D8, but for the parity of each
  int sum = 0, largest = -1, least = period;
  std::size_t at_largest = 0, at_least = 0;
  bool integer_odd = false, half_odd = false;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    integer[i] = (sums[i] + q) % period - q;
    half[i] = sums[i] % period - q;
    integer_odd ^= ((sums[i] + q) / period) % 2 != 0;
    half_odd ^= (sums[i] / period) % 2 != 0;
    const int size = std::abs(integer[i]);
    sum += size;
    if (size >= largest) {
      largest = size;
      at_largest = i;
    }
    if (size < least) {
      least = size;
      at_least = i;
    }
  }
  const int half_costs_more =
      4 * q - sum + (half_odd ? 2 * least : 0) - (integer_odd ? 2 * (q - largest) : 0);
  const bool take_half = half_costs_more < 0;
  Doubled& point = take_half ? half : integer;
  if (take_half ? half_odd : integer_odd) {
    int& moved = point[take_half ? at_least : at_largest];
    moved += moved >= 0 ? -period : period;
  }
  return point;
}

}  // namespace prodigest::coding
