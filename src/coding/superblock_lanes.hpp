#pragma once
// A superblock as 64 lanes, one a block, between vectors and bytes on one side and the kernel on the
// other. The blocks of a pair are in lanes 32 apart; lanes without a block have zeros.

#include <cstdint>
#include <span>

#include "coding/block_format.hpp"

namespace prodigest::coding {

/// Rows of 64 lanes. A full superblock lies like this in the vector and in the bytes.
struct SuperblockLanes {
  const float* y;              ///< 8 rows, one a coordinate
  std::int8_t* values;         ///< 8 rows: what the codes decode to
  std::uint8_t* labels;        ///< planes of labels
  std::uint8_t* scales;        ///< index of the scale of each group
};

/// A superblock that is not full.
class PaddedSuperblock {
 public:
  /// @param y what is left of the vector, at most kSuperblock
  PaddedSuperblock(const BlockFormat& format, std::span<const float> y);
  SuperblockLanes lanes(std::uint8_t* scales) {
    return {y_[0], values_[0], labels_[0], scales};
  }
  /// Writes what the kernel has put there; values of all blocks, also past the end of the vector.
  void store(std::uint8_t* labels, std::int8_t* values) const;

 private:
  const BlockFormat& format_;
  Index blocks_;
  alignas(64) float y_[kBlock][kLanes] = {};
  alignas(64) std::int8_t values_[kBlock][kLanes];
  alignas(64) std::uint8_t labels_[4][kLanes];
};

/// Writes the planes of scale indices.
void store_scales(const BlockFormat& format, std::span<const std::uint8_t> scales,
                  std::uint8_t* to);

}  // namespace prodigest::coding
