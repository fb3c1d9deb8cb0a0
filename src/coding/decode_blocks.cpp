#include "coding/decode_blocks.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "coding/decode_superblocks.hpp"

namespace prodigest::coding {
namespace {

// The last superblocks of vectors, of L <= 64 blocks each, side by side in superblocks of 64.
// @param kChunk bytes that are copied at once, at most L
// @param kBlocks L where the compiler is to know it, else 0
template <Index kChunk, Index kBlocks = 0>
class Tails {
 public:
  Tails(Format name, Index blocks)
      : name_(name),
        format_(block_format(name)),
        blocks_(kBlocks > 0 ? kBlocks : blocks),
        groups_(groups_of(format_, blocks_)) {}

  void decode(CodedVectors from, std::int8_t* values, Index values_stride) {
    while (from.count > 0) {
      Index superblocks = 0, vectors = 0;
      for (; superblocks < kStaged && vectors < from.count; ++superblocks)
        vectors += stage(from.codes + vectors * from.stride, from.stride, from.count - vectors,
                         staged_[superblocks]);
      decode_superblocks(name_,
                         {.labels = staged_[0].labels,
                          .scale_bits = staged_[0].scale_bits,
                          .paired = false,
                          .stride = sizeof(Staged),
                          .count = superblocks,
                          .vector_stride = 0,
                          .vectors = 1},
                         decoded_, 0);
      hand_out(vectors, values, values_stride);
      from.codes += vectors * from.stride;
      from.count -= vectors;
      values += vectors * values_stride;
    }
  }

 private:
  static constexpr Index kStaged = 8;  // what was staged first is in the cache when it is read
  static constexpr Index kSideBySide = kBlocks > 0 ? kLanes / kBlocks : 0;

  struct alignas(kLanes) Staged {
    std::uint8_t labels[4 * kLanes];
    std::uint8_t scale_bits[3 * 8];
  };

  template <class T>
  static void copy(const T* from, T* to, Index blocks) {
    const Index last = blocks - kChunk;
    std::memcpy(to, from, kChunk);
    if (last > kChunk) std::memcpy(to + kChunk, from + kChunk, kChunk);
    if (last > 2 * kChunk) std::memcpy(to + 2 * kChunk, from + 2 * kChunk, kChunk);
    if (last > 0) std::memcpy(to + last, from + last, kChunk);
  }

  // A bit a group to a bit a block.
  std::uint64_t scale_mask(const std::uint8_t* plane) const {
    std::uint64_t bits = 0;
    if (kBlocks > 0 && groups_ == kBlocks) {
      for (Index i = 0; i < kBlocks / 8; ++i) bits |= std::uint64_t{plane[i]} << 8 * i;
      return bits;
    }
    for (Index i = 0; i < (groups_ + 7) / 8; ++i) bits |= std::uint64_t{plane[i]} << 8 * i;
    bits &= ~std::uint64_t{0} >> (64 - groups_);
    if (groups_ < blocks_) bits |= bits << groups_;
    return bits & ~std::uint64_t{0} >> (64 - blocks_);
  }

  // @return how many vectors, of at most `vectors`
  Index stage(const std::uint8_t* codes, Index stride, Index vectors, Staged& staged) const {
    if (kBlocks > 0 && vectors >= kSideBySide)
      return stage_these<kSideBySide>(codes, stride, kSideBySide, staged);
    return stage_these<0>(codes, stride, std::min(vectors, kLanes / blocks_), staged);
  }
  template <Index kCount>
  Index stage_these(const std::uint8_t* codes, Index stride, Index vectors, Staged& staged) const {
    const Index count = kCount > 0 ? kCount : vectors;
    const Index blocks = kBlocks > 0 ? kBlocks : blocks_;
    for (int plane = 0; plane < format_.label_bits; ++plane, codes += blocks)
      for (Index v = 0; v < count; ++v)
        copy(codes + v * stride, staged.labels + plane * kLanes + v * blocks, blocks);
    for (int bit = 0; bit < format_.scale_bits; ++bit, codes += (groups_ + 7) / 8) {
      std::uint64_t mask = 0;
      for (Index v = 0; v < count; ++v) mask |= scale_mask(codes + v * stride) << v * blocks;
      for (int i = 0; i < 8; ++i)
        staged.scale_bits[8 * bit + i] = static_cast<std::uint8_t>(mask >> 8 * i);
    }
    return count;
  }

  void hand_out(Index vectors, std::int8_t* values, Index values_stride) const {
    const Index blocks = kBlocks > 0 ? kBlocks : blocks_;
    const std::int8_t* from = decoded_;
    for (Index lane = 0; vectors > 0; --vectors, lane += blocks, values += values_stride) {
      if (lane + blocks > kLanes) {
        lane = 0;
        from += kSuperblock;
      }
      for (Index i = 0; i < kBlock; ++i)
        copy(from + i * kLanes + lane, values + i * blocks, blocks);
    }
  }

  Format name_;
  const BlockFormat& format_;
  Index blocks_, groups_;
  Staged staged_[kStaged] = {};
  alignas(kLanes) std::int8_t decoded_[kStaged * kSuperblock];
};

// Vectors of a single superblock.
void decode_tails(Format name, const CodedVectors& from, std::int8_t* values, Index stride) {
  const Index blocks = (from.length + kBlock - 1) / kBlock;
  if (blocks == 32) return Tails<32, 32>(name, blocks).decode(from, values, stride);
  if (blocks == 16) return Tails<16, 16>(name, blocks).decode(from, values, stride);
  if (blocks == 8) return Tails<8, 8>(name, blocks).decode(from, values, stride);
  if (blocks > 16) return Tails<16>(name, blocks).decode(from, values, stride);
  if (blocks > 8) return Tails<8>(name, blocks).decode(from, values, stride);
  if (blocks >= 4) return Tails<4>(name, blocks).decode(from, values, stride);
  Tails<1>(name, blocks).decode(from, values, stride);
}

}  // namespace

void decode_blocks(Format name, const CodedVectors& from, std::int8_t* values,
                   Index values_stride) {
  if (from.count == 0 || from.length == 0) return;
  if (!can_decode_superblocks()) return decode_blocks_plainly(name, from, values, values_stride);
  const BlockFormat& format = block_format(name);
  const Index full = from.length / kSuperblock;
  decode_superblocks(name,
                     {.labels = from.codes,
                      .scale_bits = from.codes + format.label_bits * kLanes,
                      .paired = format.pairs,
                      .stride = superblock_bytes(format, kLanes),
                      .count = full,
                      .vector_stride = from.stride,
                      .vectors = from.count},
                     values, values_stride);
  if (const Index rest = from.length - full * kSuperblock; rest > 0)
    decode_tails(
        name, {from.codes + full * superblock_bytes(format, kLanes), from.stride, from.count, rest},
        values + full * kSuperblock, values_stride);
  const Index padding = -from.length & 63;
  for (Index v = 0; padding > 0 && v < from.count; ++v)
    std::fill_n(values + v * values_stride + from.length, padding, std::int8_t{0});
}

}  // namespace prodigest::coding
