#pragma once
// Vectors to lattice codes, vectorised.

#include <cstdint>
#include <span>

#include "coding/block_format.hpp"

namespace prodigest::coding {

/// Writes the codes of y, in units of decoded values (block_format().unit a root mean square), and
/// the values that they decode to. Of each group's scales the one of least squared error is taken. A
/// block outside the code's region at a scale is drawn in towards 0 until it is inside: values never
/// wrap around.
/// @shape y: [n], finite; codes: [code_bytes]; values: [n rounded up to a multiple of 64], zeros past n
void encode_blocks(Format format, std::span<const float> y, std::span<std::uint8_t> codes,
                   std::span<std::int8_t> values);

}  // namespace prodigest::coding
