#pragma once
/// How a vector is written in few bits.

#include <string>
#include <string_view>

#include "prodigest/base/types.hpp"

namespace prodigest::coding {

/// The shape of a code. Lattice formats work on blocks of 8 coordinates; all but kGroup and kLloyd
/// decode to int8 times one scale a vector.
enum class Format : int {
  kF4,      ///< E8 Voronoi code q = 16, one of 4 scales 3:4:5:6 a block: 4.25 bits, exactly int8
  kF4pair,  ///< the same with one of 8 scales for 2 blocks: 4.1875 bits, less error, rounded to int8
  kF4fast,  ///< E8 in a cube, 16 levels, one of 4 scales a block: 4.25 bits, decoded faster
  kF3,      ///< E8 Voronoi code q = 8, one of 4 scales 4:5:6:8 a block: 3.25 bits
  kF2,      ///< E8 in a cube, 4 levels: 2 bits
  kI8,      ///< 8 bits, largest entry at 127: the nearly exact side of a product
  kInt,     ///< 2 to 8 bits, largest entry of the vector at the last level: "int4 per column"
  kGroup,   ///< 2 to 8 bits, a half-precision scale for each 32 entries: "Q4_0"
  kLloyd,   ///< 2 to 6 bits, levels that are best for normal entries (Lloyd and Max)
};

/// A format and, for kInt, kGroup and kLloyd, its bits; 0 for the others.
struct Coding {
  Format format = Format::kF4;
  int bits = 0;
  friend bool operator==(const Coding&, const Coding&) = default;
};

/// Reads "F4", "F4pair", "F4fast", "F3", "F2", "I8", "int4", "group4", "lloyd4", in any case.
/// @throws Error{kInvalidArgument} with the nearest name
Coding parse_coding(std::string_view text);
/// parse_coding(to_text(coding)) == coding.
std::string to_text(const Coding& coding);

/// Bytes that the codes of a vector of `length` entries take, scales of blocks and groups included.
/// @throws Error{kInvalidArgument} if length < 0 or the format has no such bits
Index code_bytes(const Coding& coding, Index length);
/// 8 code_bytes / length for long vectors: 4.25 for F4.
double bits_per_entry(const Coding& coding);
/// Whether codes decode to int8 times one scale a vector.
bool decodes_to_int8(const Coding& coding);

/// What decoded vectors are multiplied by.
enum class Gain : int {
  kAuto,      ///< kUnbiased, or kMmse where less than 2 bits an entry of the matrix are kept
  kUnbiased,  ///< <x, x̂> = ||x||²: products without bias
  kMmse,      ///< <x, x̂> = ||x̂||²: least ||x - x̂||, products shrink
  kPlain,     ///< as the format says
};

}  // namespace prodigest::coding
