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

// Means over the entries of x.
struct Moments {
  double input = 0;    // x²
  double product = 0;  // x x̂
  double decoded = 0;  // x̂²

  double noise() const { return input / product * (decoded / product) - 1; }
  void add(double weight, const Moments& other) {
    input += weight * other.input;
    product += weight * other.product;
    decoded += weight * other.decoded;
  }
};

// Normals within [-largest, largest], rounded to the multiples least..most of the step; those
// beyond the last go there.
Moments rounded(double largest, double step, int least, int most) {
  const double within = 2 * distribution(largest) - 1;
  double product = 0, decoded = 0, edge = -largest;
  for (int k = least; k <= most; ++k) {
    const double next = k == most ? largest : std::min(largest, (k + 0.5) * step);
    const double level = k * step;
    product += level * (density(edge) - density(next));
    decoded += level * level * (distribution(next) - distribution(edge));
    edge = next;
  }
  return {1 - 2 * largest * density(largest) / within, product / within, decoded / within};
}

// Calls visit(chance, moments) for `count` normals, the largest in size at a level, over how large
// that is; chances add up to about 1.
template <class Visit>
void for_each_largest(Index count, int least, int most, const Visit& visit) {
  constexpr double kEnd = 9, kStep = 0.05;  // no normal is larger
  const auto n = static_cast<double>(count);
  const int last = std::max(-least, most);
  for (double largest = kStep / 2; largest < kEnd; largest += kStep) {
    const double others = 2 * distribution(largest) - 1;
    const double chance = kStep * 2 * n * density(largest) * std::pow(others, n - 1);
    if (chance < 1e-12) continue;
    const double square = largest * largest;  // the largest itself has no error
    Moments mean;
    mean.add(1 / n, {square, square, square});
    mean.add(1 - 1 / n, rounded(largest, largest / last, least, most));
    visit(chance, mean);
  }
}

// The vector has one scale.
double int_noise(int bits, Index length) {
  const int last = (1 << (bits - 1)) - 1;
  double sum = 0, chances = 0;
  for_each_largest(length, -last, last, [&](double chance, const Moments& of_vector) {
    sum += chance * of_vector.noise();
    chances += chance;
  });
  return sum / chances;
}

// Each group has its own, and the vector one gain.
double group_noise(int bits, Index length) {
  const int half_range = 1 << (bits - 1);
  Moments sums;
  for_each_largest(
      std::min(length, kGroupEntries), -half_range, half_range - 1,
      [&](double chance, const Moments& of_group) { sums.add(chance, of_group); });
  return sums.noise();
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
  return coding.format == Format::kGroup ? group_noise(coding.bits, length)
                                         : int_noise(scalar_bits(coding), length);
}

}  // namespace prodigest::coding
