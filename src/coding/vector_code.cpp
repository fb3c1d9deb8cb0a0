#include "coding/vector_code.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "coding/encode_blocks.hpp"
#include "coding/scalar_codes.hpp"

namespace prodigest::coding {
namespace {

std::size_t padded_size(std::size_t length) { return (length + 63) / 64 * 64; }

// Sum of a_i b_i, in eight lanes that compilers can put in vectors.
template <class T, class U>
double dot(std::span<const T> a, std::span<const U> b) {
  constexpr std::size_t kSums = 8;
  std::array<double, kSums> sums = {};
  std::size_t i = 0;
  for (; i + kSums <= a.size(); i += kSums)
    for (std::size_t s = 0; s < kSums; ++s)
      sums[s] += static_cast<double>(a[i + s]) * static_cast<double>(b[i + s]);
  for (; i < a.size(); ++i)
    sums[i % kSums] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  for (std::size_t width = kSums / 2; width > 0; width /= 2)
    for (std::size_t s = 0; s < width; ++s) sums[s] += sums[s + width];
  return sums[0];
}

struct Squares {
  double of_input = 0;    // ||x||²
  double of_decoded = 0;  // ||v||²
  double product = 0;     // <x, v>
};

VectorScale scale_of(const Squares& sums, Gain gain, double plain) {
  // Smaller ones are rounding of the sums.
  constexpr double kLeastNoise = 1e-12;
  const double noise = sums.of_input / sums.product * (sums.of_decoded / sums.product) - 1;
  double scale = plain;
  if (gain == Gain::kUnbiased) scale = sums.of_input / sums.product;
  if (gain == Gain::kMmse) scale = sums.product / sums.of_decoded;
  return {static_cast<float>(scale), noise < kLeastNoise ? 0.0f : static_cast<float>(noise)};
}

}  // namespace

VectorScale encode_vector(const Coding& coding, Gain gain, std::span<const float> x,
                          std::span<std::uint8_t> codes, std::span<std::int8_t> values) {
  Squares sums;
  sums.of_input = dot(x, x);
  const bool integers = decodes_to_int8(coding);
  std::vector<std::int8_t> own_values;
  if (integers && values.empty()) {
    own_values.resize(padded_size(x.size()));
    values = own_values;
  }
  const auto decode = [&] {
    decode_values(coding, {codes.data(), 0, 1, static_cast<Index>(x.size())}, values.data(), 0);
  };
  if (sums.of_input == 0) {
    std::ranges::fill(codes, std::uint8_t{0});
    if (integers) decode();
    return {};
  }

  VectorSize size;
  size.root_mean_square = std::sqrt(sums.of_input / static_cast<double>(x.size()));
  double plain;
  if (is_lattice(coding.format)) {
    const double unit = double{block_format(coding.format).unit} / size.root_mean_square;
    std::vector<float> y(x.size());
    std::ranges::transform(x, y.begin(),
                           [&](float entry) { return static_cast<float>(entry * unit); });
    encode_blocks(coding.format, y, codes, values);
    plain = 1 / unit;
  } else {
    for (const float entry : x) size.largest = std::max(size.largest, std::abs(double{entry}));
    plain = encode_scalars(coding, x, size, codes);
    if (integers) decode();
  }

  if (integers) {
    const std::span<const std::int8_t> decoded = values.first(x.size());
    sums.of_decoded = dot(decoded, decoded);
    sums.product = dot(x, decoded);
  } else {
    std::vector<float> fractions(x.size());
    decode_fractions(coding, codes.data(), fractions);
    const std::span<const float> decoded = fractions;
    sums.of_decoded = dot(decoded, decoded);
    sums.product = dot(x, decoded);
  }
  return scale_of(sums, gain, plain);
}

void decode_values(const Coding& coding, const CodedVectors& from, std::int8_t* values,
                   Index values_stride) {
  if (is_lattice(coding.format)) return decode_blocks(coding.format, from, values, values_stride);
  const auto length = static_cast<std::size_t>(from.length);
  for (Index v = 0; v < from.count; ++v) {
    const std::span out(values + v * values_stride, padded_size(length));
    decode_integers(scalar_bits(coding), from.codes + v * from.stride, out.first(length));
    std::ranges::fill(out.subspan(length), std::int8_t{0});
  }
}

void decode_vector(const Coding& coding, std::span<const std::uint8_t> codes, float scale,
                   std::span<float> out) {
  if (decodes_to_int8(coding)) {
    std::vector<std::int8_t> values(padded_size(out.size()));
    decode_values(coding, {codes.data(), 0, 1, static_cast<Index>(out.size())}, values.data(), 0);
    std::transform(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(out.size()),
                   out.begin(), [&](std::int8_t value) { return scale * value; });
    return;
  }
  decode_fractions(coding, codes.data(), out);
  for (float& value : out) value *= scale;
}

}  // namespace prodigest::coding
