#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "coding/decode_blocks.hpp"
#include "prodigest/coding/lattice_points.hpp"

namespace prodigest::coding {
namespace {

constexpr Format kLatticeFormats[] = {Format::kF4, Format::kF4pair, Format::kF4fast, Format::kF3,
                                      Format::kF2};

// A vector's codes, bit by bit as block_format.hpp says, and what they mean.
struct Drawn {
  std::vector<std::uint8_t> codes;
  std::vector<int> values;  // before they are clipped
};

int small_integer(Format format, const Labels& labels, std::size_t i) {
  const BlockFormat& f = block_format(format);
  if (f.voronoi) return e8_representative(labels, f.levels)[i];
  int sum = 0;
  for (const int label : labels) sum += label;
  return format == Format::kF4fast ? 2 * labels[i] + sum % 2 - 15
                                   : 4 * labels[i] + 2 * (sum % 2) - 7;
}

Drawn draw(Format format, std::size_t length, std::mt19937& random) {
  const BlockFormat& f = block_format(format);
  Drawn drawn;
  drawn.values.resize(length);
  for (std::size_t first = 0; first < length; first += 512) {
    const std::size_t blocks = std::min<std::size_t>(64, (length - first + 7) / 8);
    const std::size_t groups = f.pairs ? (blocks + 1) / 2 : blocks;
    const std::size_t label_bytes = static_cast<std::size_t>(f.label_bits) * blocks;
    const std::size_t plane_bytes = (groups + 7) / 8;
    const std::size_t at = drawn.codes.size();
    drawn.codes.resize(at + label_bytes + static_cast<std::size_t>(f.scale_bits) * plane_bytes);
    const auto set = [&](std::size_t byte, std::size_t bit, int value) {
      drawn.codes[at + byte] |= static_cast<std::uint8_t>(value << bit);
    };
    std::vector<int> index(groups);
    for (std::size_t g = 0; g < groups; ++g) {
      index[g] = static_cast<int>(random() % (1u << f.scale_bits));
      for (int k = 0; k < f.scale_bits; ++k)
        set(label_bytes + static_cast<std::size_t>(k) * plane_bytes + g / 8, g % 8,
            index[g] >> k & 1);
    }
    for (std::size_t b = 0; b < blocks; ++b) {
      Labels labels;
      for (std::size_t i = 0; i < 8; ++i) {
        const int label = static_cast<int>(random() % static_cast<unsigned>(f.levels));
        labels[i] = label;
        switch (f.label_bits) {
          case 4:
            set(i % 4 * blocks + b, i < 4 ? 0 : 4, label);
            break;
          case 3:
            set(2 * blocks + b, i, label / 4);
            [[fallthrough]];
          default:
            set((i < 4 ? 0 : blocks) + b, i % 4 * 2, label % 4);
        }
      }
      const int multiplier = f.multipliers[index[f.pairs ? b % groups : b]];
      for (std::size_t i = 0; i < 8; ++i)
        if (const std::size_t entry = first + blocks * i + b; entry < length)
          drawn.values[entry] = (small_integer(format, labels, i) * multiplier + 64) >> 7;
    }
  }
  return drawn;
}

TEST(PlainDecoder, ReadsTheDocumentedBitsOfVectorsOfAnyLength) {
  std::mt19937 random(11);
  for (const Format format : kLatticeFormats)
    for (const std::size_t length :
         {0, 1, 7, 8, 9, 17, 63, 64, 65, 200, 511, 512, 513, 1000, 1537}) {
      constexpr std::size_t kCount = 3;
      const std::size_t padded = (length + 63) / 64 * 64, values_stride = padded + 64;
      std::vector<Drawn> drawn;
      for (std::size_t v = 0; v < kCount; ++v) drawn.push_back(draw(format, length, random));
      const std::size_t bytes = drawn[0].codes.size(), stride = bytes + 5;
      ASSERT_EQ(static_cast<Index>(bytes), code_bytes({format, 0}, static_cast<Index>(length)));
      std::vector<std::uint8_t> codes(kCount * stride, 0xFF);
      for (std::size_t v = 0; v < kCount; ++v)
        std::ranges::copy(drawn[v].codes, codes.begin() + static_cast<std::ptrdiff_t>(v * stride));
      std::vector<std::int8_t> values(kCount * values_stride, 77);
      decode_blocks_plainly(
          format, {codes.data(), static_cast<Index>(stride), kCount, static_cast<Index>(length)},
          values.data(), static_cast<Index>(values_stride));
      for (std::size_t v = 0; v < kCount; ++v)
        for (std::size_t i = 0; i < values_stride; ++i) {
          const int expected = i < length   ? std::clamp(drawn[v].values[i], -127, 127)
                               : i < padded ? 0
                                            : 77;
          ASSERT_EQ(values[v * values_stride + i], expected)
              << "format " << static_cast<int>(format) << ", length " << length << ", entry " << i;
        }
    }
}

TEST(PlainDecoder, ClipsRatherThanWraps) {
  std::mt19937 random(12);
  for (const Format format : {Format::kF4, Format::kF4pair}) {
    int beyond = 0;
    for (int trial = 0; trial < 200; ++trial) {
      const Drawn drawn = draw(format, 512, random);
      std::vector<std::int8_t> values(512);
      decode_blocks_plainly(format, {drawn.codes.data(), 0, 1, 512}, values.data(), 512);
      for (std::size_t i = 0; i < 512; ++i)
        if (std::abs(drawn.values[i]) > 127) {
          ++beyond;
          EXPECT_EQ(values[i], drawn.values[i] > 0 ? 127 : -127);
        }
    }
    EXPECT_GT(beyond, 10);
  }
}

TEST(PlainDecoder, RoundsHalvesUp) {
  // The word 0000 0008 is the point 2x = (0, ..., 0, -32); -32 * 474 / 128 = -118.5.
  const std::uint8_t codes[] = {0, 0, 0, 0x80, 0, 1, 0};
  std::int8_t values[64];
  decode_blocks_plainly(Format::kF4pair, {codes, 7, 1, 8}, values, 64);
  EXPECT_EQ(values[7], -118);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(values[i], 0);
}

// A point of E8, doubled, with its last coordinate mirrored.
bool in_mirrored_e8(const std::array<int, 8>& twice) {
  int sum = -2 * twice[7];
  for (const int value : twice) {
    if ((value - twice[0]) % 2 != 0) return false;
    sum += value;
  }
  return sum % 4 == 0;
}

TEST(PlainDecoder, TurnsTheWordsOfF2IntoThePointsOfAMirroredE8InACube) {
  std::set<std::array<int, 8>> points;
  for (unsigned word = 0; word < 65536; ++word) {
    const std::uint8_t codes[] = {static_cast<std::uint8_t>(word),
                                  static_cast<std::uint8_t>(word >> 8)};
    std::int8_t values[64];
    decode_blocks_plainly(Format::kF2, {codes, 2, 1, 8}, values, 64);
    std::array<int, 8> twice;
    for (std::size_t i = 0; i < 8; ++i) {
      ASSERT_LE(std::abs(values[i]), 7);
      ASSERT_EQ(values[i] % 2 != 0, true);
      twice[i] = (values[i] + 7) / 2;
    }
    ASSERT_TRUE(in_mirrored_e8(twice)) << "word " << word;
    points.insert(twice);
  }
  EXPECT_EQ(points.size(), 65536u);  // as many as the lattice has there
}

TEST(PlainDecoder, TurnsWordsOfF4fastIntoPointsOfAMirroredE8InACube) {
  std::mt19937 random(13);
  for (int trial = 0; trial < 20000; ++trial) {
    std::uint8_t codes[6] = {};  // of the four multipliers the second, 4 to the unit
    for (std::size_t i = 0; i < 4; ++i) codes[i] = static_cast<std::uint8_t>(random());
    codes[4] = 1;
    std::int8_t values[64];
    decode_blocks_plainly(Format::kF4fast, {codes, 6, 1, 8}, values, 64);
    std::array<int, 8> twice;
    for (std::size_t i = 0; i < 8; ++i) {
      ASSERT_EQ(values[i] % 4, 0);
      twice[i] = values[i] / 4 + 15;
      ASSERT_TRUE(twice[i] >= 0 && twice[i] <= 31);
    }
    ASSERT_TRUE(in_mirrored_e8(twice));
  }
}

}  // namespace
}  // namespace prodigest::coding
