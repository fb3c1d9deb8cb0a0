#include "lattice/column_encoder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "coding/half.hpp"
#include "coding/vector_code.hpp"

namespace prodigest::lattice {
namespace {

struct Sums {
  double sum = 0, largest = 0;
};

// Adds up transform(x_i), in lanes, which compilers can put in vectors.
template <class Transform>
Sums sums_of(std::span<double> x, const Transform& transform) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums = {}, largest = {};
  const auto take = [&](double& entry, std::size_t lane) {
    const double value = transform(entry);
    sums[lane] += value;
    largest[lane] = std::max(largest[lane], std::abs(value));
  };
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) take(x[i + lane], lane);
  for (; i < x.size(); ++i) take(x[i], i % kLanes);
  return {std::accumulate(sums.begin(), sums.end(), 0.0), std::ranges::max(largest)};
}

float norm_of(std::span<const float> x) {
  double squares = 0;
  for (const float entry : x) squares += double{entry} * double{entry};
  return static_cast<float>(std::sqrt(squares));
}

}  // namespace

float noise_of(float noise) {
  constexpr std::uint16_t kLargestHalf = 0x7BFF;
  std::uint16_t half = coding::to_half(noise);
  if (coding::from_half(half) < noise) ++half;
  return coding::from_half(std::min(half, kLargestHalf));
}

ColumnEncoder::ColumnEncoder(const LatticeSpec& spec, Index rows)
    : spec_(spec), code_bytes_(coding::code_bytes(spec.coding, spec.size)) {
  if (spec.rotation == Rotation::kHadamard) rotation_.emplace(spec.seed, rows);
}

std::optional<ColumnScale> ColumnEncoder::encode(std::span<double> x, std::span<float> floats,
                                                 std::span<std::uint8_t> codes,
                                                 std::span<std::int8_t> values) const {
  Sums sums = sums_of(x, [](double entry) { return entry; });
  // max() passes over NaN, a sum does not.
  if (is_refused(sums.largest) || !std::isfinite(sums.sum)) return std::nullopt;
  ColumnScale result;
  double rest = 0;
  if (spec_.centre) {
    const auto count = static_cast<double>(x.size());
    const double mean = sums.sum / count;
    sums = sums_of(x, [mean](double& entry) { return entry -= mean; });
    // A mean is rounded. What it leaves is taken out too: times the mean of the other side it could
    // be larger than all of the product's error.
    rest = sums.sum / count;
    result.mean = mean + rest;
  }
  if (sums.largest == 0) {
    std::ranges::fill(codes, std::uint8_t{0});
    std::ranges::fill(values, std::int8_t{0});
    return result;
  }
  const int exponent =
      std::max(std::ilogb(sums.largest), -1000);  // 2^1000 is a double, 2^1074 is not
  const double factor = std::ldexp(1.0, -exponent);
  std::ranges::transform(x, floats.begin(),
                         [&](double entry) { return static_cast<float>((entry - rest) * factor); });
  if (rotation_) rotation_->apply(floats);
  const std::span<const float> coded = floats.first(static_cast<std::size_t>(spec_.size));
  const coding::VectorScale scale =
      coding::encode_vector(spec_.coding, spec_.gain, coded, codes, values);
  result.scale = std::ldexp(scale.scale, exponent);
  result.noise = noise_of(scale.noise);
  if (spec_.gain == coding::Gain::kPlain) result.norm = std::ldexp(norm_of(coded), exponent);
  return result;
}

}  // namespace prodigest::lattice
