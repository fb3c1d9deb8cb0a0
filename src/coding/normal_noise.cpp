#include "prodigest/coding/normal_noise.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/fail.hpp"
#include "coding/block_format.hpp"
#include "coding/lloyd_levels.hpp"
#include "coding/scalar_codes.hpp"

namespace prodigest::coding {
namespace {

double density(double x) {
  return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}
double distribution(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// Means over the entries of x, whose mean square is 1.
struct Moments {
  double product = 0;  // x x̂
  double decoded = 0;  // x̂²
  double noise() const { return decoded / (product * product) - 1; }
};

// Normals within [-largest, largest], rounded to the multiples least..most of the step; those
// beyond the last go there.
Moments rounded(double largest, double step, int least, int most) {
  Moments sums;
  double edge = -largest;
  for (int k = least; k <= most; ++k) {
    const double next = k == most ? largest : std::min(largest, (k + 0.5) * step);
    const double level = k * step;
    sums.product += level * (density(edge) - density(next));
    sums.decoded += level * level * (distribution(next) - distribution(edge));
    edge = next;
  }
  const double within = 2 * distribution(largest) - 1;
  return {sums.product / within, sums.decoded / within};
}

// `count` normals, the largest in size at a level, in the mean over how large it is.
Moments scaled_by_largest(Index count, int least, int most) {
  constexpr double kEnd = 9, kStep = 0.05;  // no normal is larger
  const auto n = static_cast<double>(count);
  const int last = std::max(-least, most);
  Moments sums;
  double total = 0;
  for (double largest = kStep / 2; largest < kEnd; largest += kStep) {
    const double others = 2 * distribution(largest) - 1;
    const double chance = 2 * n * density(largest) * std::pow(others, n - 1);
    if (chance < 1e-12) continue;
    const Moments other = rounded(largest, largest / last, least, most);
    const double square = largest * largest;  // of the largest itself, which has no error
    sums.product += chance * (square + (n - 1) * other.product) / n;
    sums.decoded += chance * (square + (n - 1) * other.decoded) / n;
    total += chance;
  }
  return {sums.product / total, sums.decoded / total};
}

double lloyd_noise(int bits) {
  const auto levels = lloyd_levels(bits);
  // Levels are means of what lies nearest to them, so x x̂ has the mean of x̂².
  double square = 0, below = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double up_to =
        i + 1 == levels.size() ? 1 : distribution((levels[i] + levels[i + 1]) / 2.0);
    square += (up_to - below) * levels[i] * levels[i];
    below = up_to;
  }
  return 1 / square - 1;
}

// Least squared error times 4^bits, as tests/coding measures it.
double lattice_excess(Format format) {
  switch (format) {
    case Format::kF4pair: return 1.5055;
    case Format::kF4fast: return 1.8736;
    case Format::kF3: return 1.534;
    case Format::kF2: return 1.627;
    default: return 1.5575;
  }
}

}  // namespace

double normal_noise(const Coding& coding, Index length) {
  if (length < 1)
    fail(ErrorCode::kInvalidArgument, "normal_noise: length must be at least 1, got {}", length);
  const double bits = bits_per_entry(coding);
  if (is_lattice(coding.format)) {
    const double error = lattice_excess(coding.format) * std::exp2(-2 * bits);
    return error / (1 - error);
  }
  if (coding.format == Format::kLloyd) return lloyd_noise(coding.bits);
  const int half_range = 1 << (scalar_bits(coding) - 1);
  return coding.format == Format::kGroup
             ? scaled_by_largest(std::min(length, kGroupEntries), -half_range, half_range - 1)
                   .noise()
             : scaled_by_largest(length, 1 - half_range, half_range - 1).noise();
}

}  // namespace prodigest::coding
