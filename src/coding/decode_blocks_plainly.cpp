#include <algorithm>
#include <cstddef>

#include "coding/decode_blocks.hpp"
#include "prodigest/coding/lattice_points.hpp"

namespace prodigest::coding {
namespace {

// One superblock of `blocks` blocks whose bytes begin at `codes`.
struct Superblock {
  const BlockFormat& format;
  const std::uint8_t* codes;
  Index blocks;

  int byte(Index plane, Index block) const { return codes[plane * blocks + block]; }

  Labels labels(Index block) const {
    Labels out;
    for (int i = 0; i < 8; ++i) {
      int& label = out[static_cast<std::size_t>(i)];
      if (format.label_bits == 4) {
        label = byte(i % 4, block) >> (i / 4 * 4) & 15;
      } else {
        label = byte(i / 4, block) >> (i % 4 * 2) & 3;
        if (format.label_bits == 3) label |= (byte(2, block) >> i & 1) << 2;
      }
    }
    return out;
  }

  int multiplier(Index block) const {
    const Index groups = groups_of(format, blocks);
    const Index group = block % groups;
    const std::uint8_t* plane = codes + format.label_bits * blocks;
    int index = 0;
    for (int bit = 0; bit < format.scale_bits; ++bit, plane += (groups + 7) / 8)
      index |= (plane[group / 8] >> group % 8 & 1) << bit;
    return format.multipliers[index];
  }
};

Doubled cube_point(const Labels& labels, int levels) {
  int parity = 0;
  for (const int label : labels) parity ^= label & 1;
  Doubled point;
  for (std::size_t i = 0; i < 8; ++i)
    point[i] = levels == 16 ? 2 * labels[i] + parity - (levels - 1)
                            : 4 * labels[i] + 2 * parity - (2 * levels - 1);
  return point;
}

void decode_vector_plainly(const BlockFormat& format, const std::uint8_t* codes, Index length,
                           std::int8_t* values) {
  for (Index first = 0; first < length; first += kSuperblock) {
    const Index blocks = std::min(kLanes, (length - first + kBlock - 1) / kBlock);
    const Superblock superblock{format, codes, blocks};
    for (Index b = 0; b < blocks; ++b) {
      const Labels labels = superblock.labels(b);
      const Doubled point = format.voronoi ? e8_representative(labels, format.levels)
                                           : cube_point(labels, format.levels);
      const int multiplier = superblock.multiplier(b);
      for (Index i = 0; i < kBlock; ++i) {
        const Index at = first + blocks * i + b;
        if (at >= length) break;
        const int value = (point[static_cast<std::size_t>(i)] * multiplier + 64) >> 7;
        values[at] = static_cast<std::int8_t>(std::clamp(value, -127, 127));
      }
    }
    codes += superblock_bytes(format, blocks);
  }
}

}  // namespace

void decode_blocks_plainly(Format format, const CodedVectors& from, std::int8_t* values,
                           Index values_stride) {
  const Index padded = (from.length + 63) / 64 * 64;
  for (Index v = 0; v < from.count; ++v) {
    std::int8_t* out = values + v * values_stride;
    decode_vector_plainly(block_format(format), from.codes + v * from.stride, from.length, out);
    std::fill(out + from.length, out + padded, std::int8_t{0});
  }
}

}  // namespace prodigest::coding
