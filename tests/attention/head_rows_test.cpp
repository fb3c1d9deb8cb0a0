#include "attention/head_rows.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "expect_error.hpp"

namespace prodigest::attention {
namespace {

TEST(HeadOut, RoundsHalfPrecisionToNearestEven) {
  const struct {
    std::uint32_t from;
    std::uint16_t to;
  } kCases[] = {{0x3f800000, 0x3f80}, {0x3f807fff, 0x3f80}, {0x3f808000, 0x3f80},
                {0x3f808001, 0x3f81}, {0x3f818000, 0x3f82}, {0x3f81ffff, 0x3f82},
                {0xbf808000, 0xbf80}, {0xbf818000, 0xbf82}, {0x00000001, 0x0000},
                {0x7f7fffff, 0x7f80}, {0x3fffffff, 0x4000}};
  for (const auto& [from, to] : kCases) {
    const float number = std::bit_cast<float>(from);
    BFloat16 half;
    HeadOut<float>(MatrixView<BFloat16>(&half, 1, 1)).store(0, {&number, 1, 1});
    EXPECT_EQ(half.bits, to) << number;
  }
}

TEST(HeadRows, RefusesNumbersThatAreNone) {
  const std::vector<BFloat16> halves = {{0x3f80}, {0x7f80}};
  const HeadRows<float> rows(MatrixView<const BFloat16>(halves.data(), 2, 1),
                             {Normalization::kNone, 1}, {"k", 1, 2, 30});
  float number = 0;
  rows.load(0, {&number, 1, 1});
  EXPECT_EQ(number, 1);
  expect_error(ErrorCode::kInvalidArgument,
               "attend: k must be finite, got inf at batch 1, head 2, token 31, column 0", [&] {
                 rows.load(1, {&number, 1, 1});
               });

  const float large[] = {3e38F, -3e38F};  // whose difference is too large
  const HeadRows<float> overflows(MatrixView<const float>(large, 1, 2), {Normalization::kLayer, 1},
                                  {"q", 0, 0, 5});
  std::vector<float> to(2);
  expect_error(ErrorCode::kInvalidArgument,
               "attend: q is too large to be normalized at batch 0, head 0, token 5", [&] {
                 overflows.load(0, {to.data(), 1, 2});
               });
}

}  // namespace
}  // namespace prodigest::attention
