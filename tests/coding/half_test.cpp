#include "coding/half.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace prodigest::coding {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Half, OfEveryHalfIsItself) {
  for (unsigned half = 0; half < 65536; ++half) {
    const float x = from_half(static_cast<std::uint16_t>(half));
    if ((half & 0x7FFF) > 0x7C00)
      ASSERT_TRUE(std::isnan(x) && std::isnan(from_half(to_half(x))));
    else
      ASSERT_EQ(to_half(x), half);
  }
}

TEST(Half, HasTheValuesOfTheStandard) {
  EXPECT_EQ(from_half(0x3C00), 1.0f);
  EXPECT_EQ(from_half(0xC000), -2.0f);
  EXPECT_EQ(from_half(0x7BFF), 65504.0f);
  EXPECT_EQ(from_half(0x0400), 0x1p-14f);
  EXPECT_EQ(from_half(0x0001), 0x1p-24f);
  EXPECT_EQ(from_half(0xFC00), -kInfinity);
  EXPECT_TRUE(std::signbit(from_half(0x8000)));
}

TEST(Half, IsTheNearestAndOfTwoTheEven) {
  for (unsigned half = 0; half < 0x7BFF; ++half) {
    const float below = from_half(static_cast<std::uint16_t>(half));
    const float above = from_half(static_cast<std::uint16_t>(half + 1));
    const float middle = 0.5f * (below + above);
    const unsigned even = half + half % 2;
    ASSERT_EQ(to_half(middle), even);
    ASSERT_EQ(to_half(-middle), even | 0x8000);
    ASSERT_EQ(to_half(std::nextafter(middle, 0.0f)), half);
    ASSERT_EQ(to_half(std::nextafter(middle, kInfinity)), half + 1);
  }
}

TEST(Half, IsInfiniteFrom65520On) {
  EXPECT_EQ(to_half(std::nextafter(65520.0f, 0.0f)), 0x7BFF);
  for (const float x : {65520.0f, 65536.0f, 1e5f, 1e10f, kInfinity}) EXPECT_EQ(to_half(x), 0x7C00);
  EXPECT_EQ(to_half(-1e10f), 0xFC00);
  EXPECT_EQ(to_half(1e-30f), 0);
  EXPECT_EQ(to_half(-1e-45f), 0x8000);
}

}  // namespace
}  // namespace prodigest::coding
