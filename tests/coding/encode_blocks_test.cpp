#include "coding/encode_blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <set>
#include <vector>

// clang-format off
#include "coding/simd_bytes.hpp"  // before simd_targets.hpp
#include "simd_targets.hpp"
// clang-format on
#include "coding/decode_blocks.hpp"

namespace prodigest::coding {
namespace {

struct Expected {
  Format format;
  double error;  // mean squared error times 4^R on normal entries, by a numpy model of the format
};
constexpr Expected kFormats[] = {{Format::kF4, 1.5575},
                                 {Format::kF4pair, 1.5055},
                                 {Format::kF4fast, 1.8736},
                                 {Format::kF3, 1.5341},
                                 {Format::kF2, 1.6269}};

struct Encoded {
  std::vector<std::uint8_t> codes;
  std::vector<std::int8_t> values;
};

Encoded encode(Format format, const std::vector<float>& y) {
  const auto length = static_cast<Index>(y.size());
  Encoded result{std::vector<std::uint8_t>(static_cast<std::size_t>(code_bytes({format}, length))),
                 std::vector<std::int8_t>((y.size() + 63) / 64 * 64, 99)};
  encode_blocks(format, y, result.codes, result.values);
  return result;
}

std::vector<std::int8_t> decoded(Format format, const Encoded& from, std::size_t length) {
  std::vector<std::int8_t> values(from.values.size(), 98);
  decode_blocks_plainly(format, {from.codes.data(), 0, 1, static_cast<Index>(length)},
                        values.data(), 0);
  return values;
}

std::vector<float> normals(std::size_t length, double scale, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal(0, scale);
  std::vector<float> y(length);
  for (float& entry : y) entry = static_cast<float>(normal(engine));
  return y;
}

double mean_squared_error(const std::vector<float>& y, const Encoded& code) {
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += std::pow(double{y[i]} - code.values[i], 2);
  return sum / static_cast<double>(y.size());
}

TEST(EncodeBlocks, SaysWhatItsCodesDecodeToAtEveryLength) {
  for (const auto& [format, error] : kFormats)
    for (std::size_t length :
         {1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 100, 128, 500, 511, 512, 513, 1000, 4096, 5000})
      for (const double scale : {1.0, double{block_format(format).unit}, 300.0}) {
        const std::vector<float> y = normals(length, scale, static_cast<unsigned>(length));
        for_each_instruction_set([&] {
          const Encoded code = encode(format, y);
          ASSERT_EQ(decoded(format, code, length), code.values)
              << to_text({format}) << " of " << length << " times " << scale;
        });
      }
}

// Two-sided: the best of the scales, overload drawn in and not wrapped, units as they should be.
TEST(EncodeBlocks, ErrsAsTheFormatShouldOnNormalEntries) {
  for (const auto& [format, error] : kFormats) {
    const double unit = block_format(format).unit, rate = bits_per_entry({format});
    double sum = 0;
    for (const unsigned seed : {1, 2, 3}) {
      const std::vector<float> y = normals(1 << 17, unit, seed);
      const double found = mean_squared_error(y, encode(format, y)) / (unit * unit);
      EXPECT_GT(found, std::pow(4, -rate))
          << to_text({format});  // which no code of this rate beats
      sum += found / 3;
    }
    EXPECT_NEAR(sum * std::pow(4, rate), error, 0.02 * error) << to_text({format});
  }
}

TEST(EncodeBlocks, ErrsAlikeWithEveryInstructionSet) {
  for (const auto& [format, error] : kFormats) {
    const std::vector<float> y = normals(1 << 14, block_format(format).unit, 4);
    const double expected = mean_squared_error(y, encode(format, y));
    for_each_instruction_set(
        [&] { EXPECT_NEAR(mean_squared_error(y, encode(format, y)), expected, 1e-3 * expected); });
  }
}

// No entry has the wrong sign, and none is smaller than the region's inner radius would make it.
TEST(EncodeBlocks, SaturatesAndNeverWraps) {
  for (const auto& [format, error] : kFormats) {
    const BlockFormat& numbers = block_format(format);
    const double least = numbers.levels * numbers.multipliers[0] / 128.0 / 4;
    for (const double times : {10.0, 1e3, 1e6, 1e12, 1e30}) {
      std::vector<float> y = normals(4096, 1, 5);
      for (float& entry : y)
        entry = static_cast<float>((std::abs(entry) + 1) * (entry < 0 ? -times : times));
      const float scale = numbers.unit;
      for (float& entry : y) entry = std::clamp(entry * scale, -3e38f, 3e38f);
      const Encoded code = encode(format, y);
      ASSERT_EQ(decoded(format, code, y.size()), code.values);
      double product = 0, squares = 0;
      for (std::size_t i = 0; i < y.size(); ++i) {
        ASSERT_GE(code.values[i] * (y[i] < 0 ? -1 : 1), 0) << to_text({format}) << ", " << y[i];
        product += std::abs(code.values[i]);
        squares += 1;
      }
      EXPECT_GT(product / squares, least) << to_text({format}) << " at " << times;
    }
  }
}

TEST(EncodeBlocks, KeepsZerosAndASingleEntry) {
  for (const Format format : {Format::kF4, Format::kF4pair, Format::kF3}) {
    std::vector<float> y(1000);
    const Encoded zeros = encode(format, y);
    EXPECT_TRUE(std::ranges::all_of(zeros.values, [](int v) { return v == 0; }));
    y[777] = 60;
    const Encoded one = encode(format, y);
    EXPECT_NEAR(one.values[777], 60, 6) << to_text({format});
  }
}

TEST(EncodeBlocks, UsesEveryScale) {
  for (const auto& [format, error] : kFormats) {
    const BlockFormat& numbers = block_format(format);
    if (numbers.scale_bits == 0) continue;
    const std::vector<float> y = normals(1 << 15, numbers.unit, 6);
    const Encoded code = encode(format, y);
    std::set<int> used;
    const auto bytes = static_cast<std::size_t>(superblock_bytes(numbers, kLanes));
    const auto groups = static_cast<std::size_t>(groups_of(numbers, kLanes));
    for (std::size_t s = 0; s < code.codes.size(); s += bytes)
      for (std::size_t g = 0; g < groups; ++g) {
        int index = 0;
        for (int bit = 0; bit < numbers.scale_bits; ++bit) {
          const std::size_t plane = s + static_cast<std::size_t>(numbers.label_bits * kLanes) +
                                    static_cast<std::size_t>(bit) * ((groups + 7) / 8);
          index |= (code.codes[plane + g / 8] >> (g % 8) & 1) << bit;
        }
        used.insert(index);
      }
    EXPECT_EQ(used.size(), std::size_t{1} << numbers.scale_bits) << to_text({format});
  }
}

}  // namespace
}  // namespace prodigest::coding
