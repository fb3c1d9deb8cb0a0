#include "coding/decode_blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

// clang-format off
#include "coding/simd_bytes.hpp"  // before simd_targets.hpp
#include "simd_targets.hpp"
// clang-format on

namespace prodigest::coding {
namespace {

constexpr Format kLatticeFormats[] = {Format::kF4, Format::kF4pair, Format::kF4fast, Format::kF3,
                                      Format::kF2};
constexpr std::int8_t kUntouched = 77;

std::vector<std::uint8_t> random_bytes(Index count, std::mt19937_64& random) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < bytes.size();) {
    std::uint64_t word = random();
    for (int k = 0; k < 8 && i < bytes.size(); ++k, word >>= 8)
      bytes[i++] = static_cast<std::uint8_t>(word);
  }
  return bytes;
}

// With every instruction set as the plain decoder, and nothing written that is not its own.
void expect_decoded_as_plainly(Format format, const CodedVectors& from, Index values_stride) {
  SCOPED_TRACE(testing::Message() << "format " << static_cast<int>(format) << ", " << from.count
                                  << " vectors of " << from.length);
  const std::vector<std::int8_t> before(static_cast<std::size_t>(from.count * values_stride),
                                        kUntouched);
  std::vector<std::int8_t> expected = before;
  decode_blocks_plainly(format, from, expected.data(), values_stride);
  for_each_instruction_set([&] {
    std::vector<std::int8_t> got = before;
    decode_blocks(format, from, got.data(), values_stride);
    const auto at = std::ranges::mismatch(got, expected).in1 - got.begin();
    ASSERT_TRUE(got == expected) << "vector " << at / values_stride << ", entry "
                                 << at % values_stride;
  });
}

TEST(DecodeBlocks, DoesAsThePlainDecoderOnMillionsOfRandomWords) {
  std::mt19937_64 random(1);
  for (const Format format : kLatticeFormats)
    for (int round = 0; round < 4; ++round) {
      constexpr Index kCount = 64, kLength = 64 * 1024;  // 2 million blocks a format
      const Index bytes = code_bytes({format, 0}, kLength);
      const auto codes = random_bytes(kCount * bytes, random);
      expect_decoded_as_plainly(format, {codes.data(), bytes, kCount, kLength}, kLength);
    }
}

// All words of labels 0, q/4, q/2 and 3q/4, where many coordinates and both cosets are as good.
TEST(DecodeBlocks, BreaksTiesAsThePlainDecoder) {
  for (const Format format : {Format::kF4, Format::kF4pair, Format::kF3}) {
    const BlockFormat& f = block_format(format);
    constexpr Index kWords = 1 << 16;
    const Index bytes = superblock_bytes(f, kLanes);
    std::mt19937_64 random(2);
    auto codes = random_bytes(kWords / kLanes * bytes, random);  // the scale indices
    for (Index word = 0; word < kWords; ++word) {
      std::uint8_t* const planes = codes.data() + word / kLanes * bytes + word % kLanes;
      const auto quarter = [&](int i) { return static_cast<int>(word >> 2 * i & 3); };
      for (int j = 0; j < f.label_bits; ++j) planes[j * kLanes] = 0;
      for (int i = 0; i < 8; ++i) {
        if (f.label_bits == 4) {
          planes[i % 4 * kLanes] |= static_cast<std::uint8_t>(quarter(i) << (i / 4 * 4 + 2));
        } else {
          planes[i / 4 * kLanes] |= static_cast<std::uint8_t>((quarter(i) & 1) << (i % 4 * 2 + 1));
          planes[2 * kLanes] |= static_cast<std::uint8_t>((quarter(i) >> 1) << i);
        }
      }
    }
    expect_decoded_as_plainly(format, {codes.data(), 0, 1, kWords * kBlock}, kWords * kBlock);
  }
}

TEST(DecodeBlocks, TakesVectorsOfAnyLengthSideBySide) {
  std::mt19937_64 random(3);
  for (const Format format : kLatticeFormats)
    for (Index length = 0; length <= 1040; length += length < 530 || length > 1010 ? 1 : 37)
      for (const Index count : {1, length % 4 == 0 ? 70 : 5}) {
        const Index bytes = code_bytes({format, 0}, length), stride = bytes + length % 3;
        // Not a byte is behind the last vector.
        const auto codes = random_bytes((count - 1) * stride + bytes, random);
        expect_decoded_as_plainly(format, {codes.data(), stride, count, length},
                                  (length + 63) / 64 * 64 + length % 2 * 64);
      }
}

TEST(DecodeBlocks, LeavesAllAsItIsWithoutVectors) {
  decode_blocks(Format::kF4, {nullptr, 0, 0, 512}, nullptr, 512);
  decode_blocks(Format::kF4, {nullptr, 0, 5, 0}, nullptr, 0);
}

}  // namespace
}  // namespace prodigest::coding
