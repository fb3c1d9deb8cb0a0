#pragma once
// The lattice formats: their numbers, and how blocks lie in bytes. Part of the file format.
//
// A vector is cut into superblocks of 64 blocks (512 coordinates) and one last superblock of the
// L = ceil(rest / 8) blocks that remain. Block b of a superblock has the coordinates first + L i + b,
// i = 0..7; coordinates past the end of the vector are coded as zeros. So a plane of bytes, one a
// block, is read and decoded L blocks at a time without any shuffling.
//
// A superblock is its label planes, L bytes each, then its planes of scale indices, one bit a group,
// lowest bit first, ceil(groups / 8) bytes each, unused bits 0. With pairs, block b belongs to group
// b mod ceil(L / 2); else each block is a group.
//   4 bits a label: plane j = label j | label j+4 << 4                         (j = 0..3)
//   3 bits a label: planes 0, 1 = the low two bits of labels 4j..4j+3, at bits 0, 2, 4, 6;
//                   plane 2 = the top bits of labels 0..7, at bits 0..7
//   2 bits a label: planes 0, 1 as for 3 bits
//
// Labels become small integers: of a Voronoi code t = 2x, x = e8_representative; of a cube with
// levels m, labels u and parity s of their sum t = 2u + s - (m - 1) for m = 16 and
// 4u + 2s - (2m - 1) for m = 4. A decoded value is min(max((t b + 64) >> 7, -127), 127), b being the
// multiplier that the scale index picks.

#include <cstdint>
#include <span>

#include "prodigest/coding/format.hpp"

namespace prodigest::coding {

inline constexpr Index kBlock = 8;        // coordinates of a block
inline constexpr Index kLanes = 64;       // blocks of a full superblock
inline constexpr Index kSuperblock = kBlock * kLanes;

struct BlockFormat {
  bool voronoi;     // else a cube
  int levels;       // q or m: a power of two
  int label_bits;
  int scale_bits;   // of a scale index: 0, 2 or 3
  bool pairs;       // two blocks share a scale
  float unit;       // decoded values that make one root mean square of the vector
  std::int16_t multipliers[8];  // b of each scale index, ascending
};

/// @throws nothing; only for the lattice formats, is_lattice()
const BlockFormat& block_format(Format format);
bool is_lattice(Format format);

/// The largest value that anything decodes to.
int largest_value(const BlockFormat& format);

/// Groups that share a scale index in a superblock of so many blocks.
inline Index groups_of(const BlockFormat& format, Index blocks) {
  return format.pairs ? (blocks + 1) / 2 : blocks;
}
/// Bytes of a superblock of so many blocks.
inline Index superblock_bytes(const BlockFormat& format, Index blocks) {
  return format.label_bits * blocks + format.scale_bits * ((groups_of(format, blocks) + 7) / 8);
}

}  // namespace prodigest::coding
