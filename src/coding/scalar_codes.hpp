#pragma once
// Codes of one entry each: I8, int, group and Lloyd. Part of the file format.
//
// Codes of b bits lie one after the other, lowest bit first, in ceil(n b / 8) bytes; unused bits
// are 0. Of int (and I8, 8 bits) a code is the value in two's complement. Of Lloyd it is the number
// of a level, from the lowest, 0. Of group it is the value plus 2^(b-1); each 32 entries, or the
// fewer at the end, have their scale before them, a half-precision number, low byte first.

#include <cstdint>
#include <span>

#include "prodigest/coding/format.hpp"

namespace prodigest::coding {

inline constexpr Index kGroupEntries = 32;

/// Of any format that is no lattice's.
Index scalar_code_bytes(const Coding& coding, Index length);

/// What a vector is measured by before it is coded.
struct VectorSize {
  double largest = 0;  ///< max |x_i| > 0
  double root_mean_square = 0;
};

/// Codes x; what the codes decode to times the result is near x.
///   int: decoded values are whole, the largest 2^(b-1) - 1.
///   group: value times scale of the group; the group's largest entry is at value -2^(b-1). The
///     result is a power of two that keeps the scales of groups far from the ends of halves.
///   Lloyd: 16 times a level for the unit normal.
/// @shape x: [n], codes: [scalar_code_bytes]
double encode_scalars(const Coding& coding, std::span<const float> x, const VectorSize& size,
                      std::span<std::uint8_t> codes);

/// Of int and I8. The code of -2^(b-1), which no encoder writes, is read as one more.
void decode_integers(int bits, const std::uint8_t* codes, std::span<std::int8_t> values);
/// Of group and Lloyd.
void decode_fractions(const Coding& coding, const std::uint8_t* codes, std::span<float> values);

/// Bits of a code of an entry.
inline int scalar_bits(const Coding& coding) {
  return coding.format == Format::kI8 ? 8 : coding.bits;
}

}  // namespace prodigest::coding
