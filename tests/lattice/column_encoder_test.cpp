#include "lattice/column_encoder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "coding/half.hpp"
#include "lattice/codes.hpp"
#include "lattice/spec_of_rows.hpp"

namespace prodigest::lattice {
namespace {

TEST(Noise, IsTheNextHalfThatIsNotSmaller) {
  for (unsigned half = 0; half < 0x7BFF; ++half) {
    const float here = coding::from_half(static_cast<std::uint16_t>(half)),
                next = coding::from_half(static_cast<std::uint16_t>(half + 1));
    ASSERT_EQ(noise_of(here), here);
    ASSERT_EQ(noise_of(std::nextafter(here, INFINITY)), next);
    ASSERT_EQ(noise_of(std::nextafter(next, 0.0f)), next);
  }
  for (const float large : {65504.0f, 65519.0f, 65520.0f, 1e30f, INFINITY})
    EXPECT_EQ(noise_of(large), 65504.0f);
}

// What a mean leaves, times the mean of the other side and n, must be nothing beside the errors.
TEST(Means, LeaveNothing) {
  Normals normals(4);
  constexpr Index kRows = 10'000;
  const LatticeSpec spec = spec_of_rows("", spec_of("format=I8,rotation=none"), kRows);
  const ColumnEncoder encoder(spec, kRows);
  std::vector<double> x(kRows);
  for (double& entry : x) entry = 1e9 / 3 + normals();
  std::vector<float> floats(kRows);
  std::vector<std::uint8_t> codes(kRows);
  ASSERT_TRUE(encoder.encode(x, floats, codes));
  double sum = 0;
  for (const float entry : floats) sum += double{entry};
  EXPECT_LT(std::abs(sum / kRows), 1e-8);  // the first pass leaves about 1e-7
}

TEST(Columns, AreRoundedInTheRangeOfFloats) {
  constexpr Index kRows = 64;
  for (const char* options : {"format=F4,centre=no", "format=I8,centre=no,gain=plain"}) {
    const ColumnEncoder encoder(spec_of_rows("", spec_of(options), kRows), kRows);
    std::vector<float> floats(kRows);
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(encoder.code_bytes())), expected;
    for (const int exponent : {0, 57, -140, -149, -500, -1070}) {
      std::vector<double> x(kRows);
      for (Index i = 0; i < kRows; ++i)
        x[static_cast<std::size_t>(i)] = std::ldexp(static_cast<double>(i % 7 - 3), exponent);
      const auto scale = encoder.encode(x, floats, codes);
      ASSERT_TRUE(scale);
      if (expected.empty()) expected = codes;
      EXPECT_EQ(codes, expected) << exponent;
      EXPECT_EQ(scale->scale == 0, exponent < -145);  // less than any float
    }
  }
}

}  // namespace
}  // namespace prodigest::lattice
