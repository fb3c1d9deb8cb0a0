#include "coding/superblock_lanes.hpp"

#include <algorithm>
#include <cstddef>

namespace prodigest::coding {
namespace {

Index lane_of(const BlockFormat& format, Index blocks, Index block) {
  const Index groups = groups_of(format, blocks);
  return block < groups ? block : kLanes / 2 + block - groups;
}

}  // namespace

PaddedSuperblock::PaddedSuperblock(const BlockFormat& format, std::span<const float> y)
    : format_(format), blocks_((static_cast<Index>(y.size()) + kBlock - 1) / kBlock) {
  for (Index i = 0; i < static_cast<Index>(y.size()); ++i)
    y_[i / blocks_][lane_of(format_, blocks_, i % blocks_)] = y[static_cast<std::size_t>(i)];
}

void PaddedSuperblock::store(std::uint8_t* labels, std::int8_t* values) const {
  for (Index block = 0; block < blocks_; ++block) {
    const Index lane = lane_of(format_, blocks_, block);
    for (Index plane = 0; plane < format_.label_bits; ++plane)
      labels[plane * blocks_ + block] = labels_[plane][lane];
    for (Index i = 0; i < kBlock; ++i) values[i * blocks_ + block] = values_[i][lane];
  }
}

void store_scales(const BlockFormat& format, std::span<const std::uint8_t> scales,
                  std::uint8_t* to) {
  for (int bit = 0; bit < format.scale_bits; ++bit)
    for (std::size_t first = 0; first < scales.size(); first += 8) {
      int byte = 0;
      for (std::size_t g = first; g < std::min(first + 8, scales.size()); ++g)
        byte |= (scales[g] >> bit & 1) << (g - first);
      *to++ = static_cast<std::uint8_t>(byte);
    }
}

}  // namespace prodigest::coding
