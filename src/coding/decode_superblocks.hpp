#pragma once
// The vectorised part of decode_blocks: superblocks of 64 blocks.

#include <cstdint>

#include "coding/block_format.hpp"

namespace prodigest::coding {

/// `vectors` times `count` superblocks of 64 blocks. Superblock s of vector v has its label planes,
/// 64 bytes each, at labels + v * vector_stride + s * stride, and what blocks' scale indices are
/// made of at the same place from scale_bits: for each bit 64 bits, one a block, or if `paired` 32,
/// bit p for the blocks p and p + 32.
struct Superblocks {
  const std::uint8_t* labels = nullptr;
  const std::uint8_t* scale_bits = nullptr;
  bool paired = false;
  Index stride = 0;
  Index count = 0;
  Index vector_stride = 0;
  Index vectors = 0;
};

/// Whether this machine has vector instructions for it.
bool can_decode_superblocks();

/// values[v * values_stride + 512 s + 64 i + b] = coordinate i of block b of superblock s of v.
void decode_superblocks(Format format, const Superblocks& from, std::int8_t* values,
                        Index values_stride);

}  // namespace prodigest::coding
