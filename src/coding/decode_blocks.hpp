#pragma once
// Lattice codes to int8, vectorised; integers only, the same on every machine.

#include <cstdint>
#include <span>

#include "coding/block_format.hpp"

namespace prodigest::coding {

/// Several vectors of one length; vector v's codes begin at codes + v * stride.
struct CodedVectors {
  const std::uint8_t* codes = nullptr;
  Index stride = 0;  ///< bytes, >= code_bytes
  Index count = 0;
  Index length = 0;
  friend bool operator==(const CodedVectors&, const CodedVectors&) = default;
};

/// values[v * values_stride + i] = value i of vector v; short vectors are decoded several at a time.
/// @param values_stride >= length rounded up to a multiple of 64; what lies between length and that
/// is set to 0
void decode_blocks(Format format, const CodedVectors& from, std::int8_t* values,
                   Index values_stride);

/// The same by the formulas as they stand in block_format.hpp and lattice_points.hpp, one block at a
/// time: what the vectorised one is tested against.
void decode_blocks_plainly(Format format, const CodedVectors& from, std::int8_t* values,
                           Index values_stride);

}  // namespace prodigest::coding
