#pragma once
// Products of int8 vectors, exact, vectorised: VNNI where there is one.

#include <cstdint>

#include "prodigest/base/types.hpp"

namespace prodigest::coding {

/// `count` vectors of int8 in [-127, 127], vector v at values + v * stride; stride is a multiple of
/// 64 and whatever lies between length and it is 0.
struct Int8Vectors {
  const std::int8_t* values = nullptr;
  Index stride = 0;
  Index count = 0;
};

/// The longest piece whose product fits int32: 2^31 / 127² rounded down to a multiple of 64.
inline constexpr Index kMostInt8Length = 133120;

/// out[i * out_stride + j] = <a_i, b_j> over the first `length` coordinates (a multiple of 64, at
/// most kMostInt8Length). Fast while `a` is in the second-level cache.  @shape out: [a.count,
/// b.count]
/// @complexity a.count * b.count * length multiply-adds
void multiply_int8(const Int8Vectors& a, const Int8Vectors& b, Index length, std::int32_t* out,
                   Index out_stride);

/// out[i] = <a_i, y>, the a_i read once.  @shape y: [length], out: [a.count]
void multiply_int8(const Int8Vectors& a, const std::int8_t* y, Index length, std::int32_t* out);

}  // namespace prodigest::coding
