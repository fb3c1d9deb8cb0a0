#include "coding/scalar_codes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "coding/half.hpp"
#include "coding/lloyd_levels.hpp"

namespace prodigest::coding {
namespace {

// Eight codes of b bits are b bytes: the widest steps that begin and end at a byte.
constexpr Index kStep = 8;

// So large that scales of the largest floats are floats.
constexpr float kLloydUnit = 16;

Index packed_bytes(int bits, Index length) {
  return length / kStep * bits + (length % kStep * bits + 7) / 8;
}

// Writes code(x_i) for each entry.  @return past the last byte
template <class Code>
std::uint8_t* write_codes(int bits, std::span<const float> x, std::uint8_t* out, const Code& code) {
  while (!x.empty()) {
    const auto step = x.first(std::min<std::size_t>(x.size(), kStep));
    std::uint64_t word = 0;
    int at = 0;
    for (const float entry : step) {
      word |= static_cast<std::uint64_t>(code(entry)) << at;
      at += bits;
    }
    for (; at > 0; at -= 8, word >>= 8) *out++ = static_cast<std::uint8_t>(word);
    x = x.subspan(step.size());
  }
  return out;
}

// values[i] = value(code i).  @return past the last byte
template <class T, class Value>
const std::uint8_t* read_codes(int bits, const std::uint8_t* in, std::span<T> values,
                               const Value& value) {
  const auto mask = (std::uint64_t{1} << bits) - 1;
  while (!values.empty()) {
    const auto step = values.first(std::min<std::size_t>(values.size(), kStep));
    const Index bytes = packed_bytes(bits, static_cast<Index>(step.size()));
    std::uint64_t word = 0;
    for (Index i = 0; i < bytes; ++i) word |= std::uint64_t{*in++} << 8 * i;
    for (T& out : step) {
      out = value(static_cast<int>(word & mask));
      word >>= bits;
    }
    values = values.subspan(step.size());
  }
  return in;
}

double encode_integers(int bits, std::span<const float> x, double largest, std::uint8_t* codes) {
  const int limit = (1 << (bits - 1)) - 1;
  const double inverse = limit / largest;
  const unsigned mask = (1u << bits) - 1;
  const auto code = [&](float entry) {
    // Added to 3 2^51, a number below 2^51 is rounded to a whole one, halves to even.
    const double rounded = (entry * inverse + 0x1.8p52) - 0x1.8p52;
    return static_cast<unsigned>(static_cast<int>(rounded)) & mask;
  };
  if (bits == 8)  // a byte each: compilers do several at a time
    std::ranges::transform(x, codes,
                           [&](float entry) { return static_cast<std::uint8_t>(code(entry)); });
  else
    write_codes(bits, x, codes, code);
  return largest / limit;
}

double encode_groups(int bits, std::span<const float> x, double largest, std::uint8_t* codes) {
  // The largest scale of a group comes to lie in [2^14, 2^15), unless the way back would be smaller
  // than any float.
  int exponent;
  std::frexp(largest, &exponent);
  const int shift = std::min(14 + bits - exponent, 149);
  const double unit = std::ldexp(1.0, shift);
  const int half_range = 1 << (bits - 1);
  const double origin = half_range + 0.5, last = 2 * half_range - 1;
  while (!x.empty()) {
    const auto group = x.first(std::min<std::size_t>(x.size(), kGroupEntries));
    const float extreme = *std::ranges::max_element(group, {}, [](float v) { return std::abs(v); });
    const std::uint16_t scale = to_half(static_cast<float>(extreme * unit / -half_range));
    *codes++ = static_cast<std::uint8_t>(scale);
    *codes++ = static_cast<std::uint8_t>(scale >> 8);
    const double inverse = (scale & 0x7FFF) == 0 ? 0.0 : unit / from_half(scale);
    codes = write_codes(bits, group, codes, [&](float entry) {
      return static_cast<unsigned>(std::clamp(std::floor(entry * inverse + origin), 0.0, last));
    });
    x = x.subspan(group.size());
  }
  return std::ldexp(1.0, -shift);
}

double encode_levels(int bits, std::span<const float> x, double root_mean_square,
                     std::uint8_t* codes) {
  const auto levels = lloyd_levels(bits);
  std::array<double, 63> edges;
  for (std::size_t i = 0; i + 1 < levels.size(); ++i)
    edges[i] = root_mean_square * (double{levels[i]} + double{levels[i + 1]}) / 2;
  const auto used = std::span(edges).first(levels.size() - 1);
  write_codes(bits, x, codes, [&](float entry) {
    return std::ranges::upper_bound(used, double{entry}) - used.begin();
  });
  return root_mean_square / kLloydUnit;
}

}  // namespace

Index scalar_code_bytes(const Coding& coding, Index length) {
  const int bits = scalar_bits(coding);
  if (coding.format != Format::kGroup) return packed_bytes(bits, length);
  const Index groups = length / kGroupEntries, rest = length % kGroupEntries;
  return groups * (2 + packed_bytes(bits, kGroupEntries)) +
         (rest == 0 ? 0 : 2 + packed_bytes(bits, rest));
}

double encode_scalars(const Coding& coding, std::span<const float> x, const VectorSize& size,
                      std::span<std::uint8_t> codes) {
  const int bits = scalar_bits(coding);
  switch (coding.format) {
    case Format::kGroup:
      return encode_groups(bits, x, size.largest, codes.data());
    case Format::kLloyd:
      return encode_levels(bits, x, size.root_mean_square, codes.data());
    default:
      return encode_integers(bits, x, size.largest, codes.data());
  }
}

void decode_integers(int bits, const std::uint8_t* codes, std::span<std::int8_t> values) {
  if (bits == 8) {  // in bytes, which compilers put in vectors
    std::transform(codes, codes + values.size(), values.begin(), [](std::uint8_t code) {
      return std::max(static_cast<std::int8_t>(code), std::int8_t{-127});
    });
    return;
  }
  const int sign = 1 << (bits - 1);
  read_codes(bits, codes, values, [&](int code) {
    return static_cast<std::int8_t>(std::max((code ^ sign) - sign, 1 - sign));
  });
}

void decode_fractions(const Coding& coding, const std::uint8_t* codes, std::span<float> values) {
  if (coding.format == Format::kLloyd) {
    const auto levels = lloyd_levels(coding.bits);
    read_codes(coding.bits, codes, values,
               [&](int code) { return kLloydUnit * levels[static_cast<std::size_t>(code)]; });
    return;
  }
  const int half_range = 1 << (coding.bits - 1);
  while (!values.empty()) {
    const auto group = values.first(std::min<std::size_t>(values.size(), kGroupEntries));
    const float scale = from_half(static_cast<std::uint16_t>(codes[0] | codes[1] << 8));
    codes = read_codes(coding.bits, codes + 2, group,
                       [&](int code) { return scale * static_cast<float>(code - half_range); });
    values = values.subspan(group.size());
  }
}

}  // namespace prodigest::coding
