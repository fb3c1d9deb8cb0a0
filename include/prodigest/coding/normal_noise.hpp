#pragma once
/// What codes err by on normal entries, before any are made.

#include "prodigest/coding/format.hpp"

namespace prodigest::coding {

/// v = ||x̂ - x||² / ||x||² at Gain::kUnbiased, for a vector x of `length` independent normals: about
/// what a code's noise is on any column once it is rotated. At Gain::kMmse it is v / (1 + v).
///
/// Of the lattice formats as measured on long vectors (short ones err less, by 4 % at 64 entries);
/// of those that scale by the largest entry from its distribution; of kLloyd from its levels.
/// @param length >= 1  @complexity O(2^bits)
/// @throws Error{kInvalidArgument} if there is no such coding
double normal_noise(const Coding& coding, Index length);

}  // namespace prodigest::coding
