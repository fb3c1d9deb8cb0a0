#include "coding/vector_code.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "coding/encode_blocks.hpp"
#include "coding/scalar_codes.hpp"
#include "coding/vector_sums.hpp"

namespace prodigest::coding {
namespace {

std::size_t padded_size(std::size_t length) { return (length + 63) / 64 * 64; }

// max |x_i|, in lanes that compilers can put in a vector.
float largest_size(std::span<const float> x) {
  std::array<float, 8> largest = {};
  for (; x.size() >= largest.size(); x = x.subspan(largest.size()))
    for (std::size_t i = 0; i < largest.size(); ++i)
      largest[i] = std::max(largest[i], std::abs(x[i]));
  for (const float entry : x) largest[0] = std::max(largest[0], std::abs(entry));
  return std::ranges::max(largest);
}

// @param squares ||x||²
double noise_of(double squares, const VectorSums& sums) {
  return squares / sums.product * (sums.squares / sums.product) - 1;
}

// @param squares ||x||²
VectorScale scale_of(double squares, const VectorSums& sums, Gain gain, double plain) {
  // Smaller ones are rounding of the sums.
  constexpr double kLeastNoise = 1e-12;
  const double noise = noise_of(squares, sums);
  double scale = plain;
  if (gain == Gain::kUnbiased) scale = squares / sums.product;
  if (gain == Gain::kMmse) scale = sums.product / sums.squares;
  return {static_cast<float>(scale), noise < kLeastNoise ? 0.0f : static_cast<float>(noise)};
}

// Codes x in the unit that leaves least noise: that of normal entries, and where entries far beyond
// the largest value would be cut off, halves of it.
// @param squares ||x||², not 0  @return decoded values that make 1
double encode_lattice(Format format, std::span<const float> x, double squares,
                      std::span<std::uint8_t> codes, std::span<std::int8_t> values) {
  const double root_mean_square = std::sqrt(squares / static_cast<double>(x.size()));
  std::vector<float> y(x.size());
  const auto encode = [&](double unit) {
    std::ranges::transform(x, y.begin(),
                           [&](float entry) { return static_cast<float>(entry * unit); });
    encode_blocks(format, y, codes, values);
  };
  double unit = double{block_format(format).unit} / root_mean_square;
  encode(unit);
  const double least_unit = largest_value(block_format(format)) / double{largest_size(x)};
  if (unit < 2 * least_unit) return unit;
  const auto noise = [&] {
    const double found = noise_of(squares, vector_sums(x, values.first(x.size())));
    return std::isnan(found) ? INFINITY : found;
  };
  double best = unit, least = noise();
  while (unit > least_unit) {
    encode(unit /= 2);
    if (const double found = noise(); found < least) {
      least = found;
      best = unit;
    }
  }
  if (best != unit) encode(best);
  return best;
}

}  // namespace

VectorScale encode_vector(const Coding& coding, Gain gain, std::span<const float> x,
                          std::span<std::uint8_t> codes, std::span<std::int8_t> values) {
  const double squares = vector_sums(x, x).squares;
  const bool integers = decodes_to_int8(coding);
  std::vector<std::int8_t> own_values;
  if (integers && values.empty()) {
    own_values.resize(padded_size(x.size()));
    values = own_values;
  }
  const auto decode = [&] {
    decode_values(coding, {codes.data(), 0, 1, static_cast<Index>(x.size())}, values.data(), 0);
  };
  if (squares == 0) {
    std::ranges::fill(codes, std::uint8_t{0});
    if (integers) decode();
    return {};
  }

  double plain;
  if (is_lattice(coding.format)) {
    plain = 1 / encode_lattice(coding.format, x, squares, codes, values);
  } else {
    VectorSize size;
    size.root_mean_square = std::sqrt(squares / static_cast<double>(x.size()));
    size.largest = largest_size(x);
    plain = encode_scalars(coding, x, size, codes);
    if (integers) decode();
  }

  if (integers) return scale_of(squares, vector_sums(x, values.first(x.size())), gain, plain);
  std::vector<float> decoded(x.size());
  decode_fractions(coding, codes.data(), decoded);
  return scale_of(squares, vector_sums(x, decoded), gain, plain);
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
