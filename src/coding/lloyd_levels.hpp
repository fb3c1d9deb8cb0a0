#pragma once
// The scalar quantizers of least squared error for a standard normal. Max, "Quantizing for minimum
// distortion", IRE-IT 1960; Lloyd, "Least squares quantization in PCM", IEEE-IT 1982.

#include <span>

namespace prodigest::coding {

/// 2^bits levels, ascending and symmetric: each is the mean of the normals that are nearest to it.
/// @param bits 2 to 6
std::span<const float> lloyd_levels(int bits);

}  // namespace prodigest::coding
