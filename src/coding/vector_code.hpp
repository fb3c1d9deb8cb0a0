#pragma once
// Any format behind two verbs: a vector to codes, a scale and a noise; codes to numbers.

#include <cstdint>
#include <span>
#include <vector>

#include "coding/decode_blocks.hpp"
#include "prodigest/coding/format.hpp"

namespace prodigest::coding {

/// What is known of a coded vector besides its codes: x̂ = scale * decoded.
struct VectorScale {
  float scale = 0;  ///< gain included
  float noise = 0;  ///< v = 1/cos² - 1, cos the angle between x and x̂: ||x̂ - x||²/||x||² at unbiased gain
};

/// Codes x. A vector of zeros has scale 0, and x = c * decoded exactly has noise 0.
/// @param gain not kAuto
/// @param values what the codes decode to, or empty; [n rounded up to a multiple of 64] if
/// decodes_to_int8
/// @guarantee scale and noise are finite; the scale being a float, entries below some 2^-140 lose
/// digits, and what is decoded near the largest float may be infinite
/// @shape x: [n], finite; codes: [code_bytes]
/// @complexity O(n)
VectorScale encode_vector(const Coding& coding, Gain gain, std::span<const float> x,
                          std::span<std::uint8_t> codes, std::span<std::int8_t> values = {});

/// values as decode_blocks. Only where decodes_to_int8.
void decode_values(const Coding& coding, const CodedVectors& from, std::int8_t* values,
                   Index values_stride);

/// out[i] = decoded entry i times `scale`, any format.  @shape codes: [code_bytes], out: [n]
void decode_vector(const Coding& coding, std::span<const std::uint8_t> codes, float scale,
                   std::span<float> out);

}  // namespace prodigest::coding
