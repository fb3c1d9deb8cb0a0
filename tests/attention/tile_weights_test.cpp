#include "attention/tile_weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/aligned_matrix.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

// exp(score - largest) of many scores, each in a column of its own beside a score of `largest`.
template <Real T>
std::vector<T> exponentials(const std::vector<T>& scores, T largest) {
  const auto cols = static_cast<Index>(scores.size());
  AlignedMatrix<T> tile(1, cols), columns(3, cols);
  std::ranges::copy(scores, tile.data());
  std::ranges::fill(columns.view().row(1), largest);
  weigh(0, tile.view(),
        WeightColumns<T>{columns.view().row_data(0), columns.view().row_data(1),
                         columns.view().row_data(2)});
  return {tile.data(), tile.data() + cols};
}

template <Real T>
void expect_exponentials(T least, double tolerance) {
  std::vector<T> scores;
  for (int i = 0; i <= 200000; ++i) scores.push_back(least * static_cast<T>(i) / 200000);
  const std::vector<T> got = exponentials<T>(scores, 0);
  double worst = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double expected = static_cast<double>(std::exp(static_cast<long double>(scores[i])));
    worst = std::max(worst, std::abs(static_cast<double>(got[i]) / expected - 1));
  }
  EXPECT_LE(worst, tolerance);
}

TEST(TileWeights, OfTheExponentialAreRightToTheLastBitsDownToTheSmallestNormalNumber) {
  for_each_instruction_set([] {
    expect_exponentials<float>(-87, 2e-7);
    expect_exponentials<double>(-708, 4e-16);
  });
}

TEST(TileWeights, OfTheExponentialAreZeroFarBelowTheLargest) {
  for_each_instruction_set([] {
    constexpr float kLowest = std::numeric_limits<float>::lowest();
    for (const float largest : {0.0f, 1e4f, -1e4f, 1e38f})
      for (const float got : exponentials<float>({largest - 100 - std::abs(largest) / 100, kLowest,
                                                  -std::numeric_limits<float>::infinity()},
                                                 largest))
        EXPECT_EQ(got, 0);
    for (const double got : exponentials<double>({-800, std::numeric_limits<double>::lowest()}, 0))
      EXPECT_EQ(got, 0);
  });
}

}  // namespace
}  // namespace prodigest::attention
