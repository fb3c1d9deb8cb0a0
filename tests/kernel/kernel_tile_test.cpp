#include "kernel/kernel_tile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernel/naive_kernel.hpp"
#include "kernel/points.hpp"
#include "simd_targets.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kDims[] = {1, 3, 15, 16, 17, 64, 100};

// Queries packed into one panel, and keys row by row. Padding holds numbers that must not show.
struct Tile {
  Tile(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth)
      : points(centre_points(queries, keys, bandwidth)) {
    panel.vectors = static_cast<int>((queries.rows + kLanes - 1) / kLanes);
    panel_points.assign(static_cast<std::size_t>(keys.cols * panel.lanes()), 7.0F);
    panel_offsets.assign(static_cast<std::size_t>(panel.lanes()), kNoQuery);
    for (Index l = 0; l < queries.rows; ++l) {
      panel_offsets[l] = points.of_queries().offsets[l];
      for (Index c = 0; c < keys.cols; ++c)
        panel_points[c * panel.lanes() + l] = points.of_queries().rows.view()(l, c);
    }
    panel.points = panel_points.data();
    panel.offsets = panel_offsets.data();
    for (Index j = 0; j < keys.rows; ++j) key_rows.push_back(points.keys.rows.view().row_data(j));
    list = {key_rows.data(), points.keys.offsets.data(), keys.rows};
  }

  std::vector<float> values() const {
    std::vector<float> out(static_cast<std::size_t>(list.count * panel.lanes()), 7.0F);
    kernel_values(panel, list, points.dim, out.data());
    return out;
  }

  CentredPair points;
  std::vector<float> panel_points, panel_offsets;
  std::vector<const float*> key_rows;
  QueryPanel panel;
  KeyList list;
};

// Values by definition: relative errors at most `most`, and ten times that at 2^-90, as errors of
// the logarithm grow with it.
void expect_values(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth,
                   double most) {
  const Tile tile(queries, keys, bandwidth);
  const std::vector<float> values = tile.values();
  double worst = 0;
  for (Index j = 0; j < keys.rows; ++j)
    for (Index l = 0; l < tile.panel.lanes(); ++l) {
      const double got = double{values[j * tile.panel.lanes() + l]};
      const double expected = l < queries.rows ? naive_kernel(queries, l, keys, j, bandwidth) : 0;
      if (expected < 1.2e-38)
        ASSERT_LE(got, l < queries.rows ? 1.2e-38 : 0);
      else
        worst = std::max(worst, std::abs(got / expected - 1) / (1 - std::log2(expected) / 10));
    }
  EXPECT_LE(worst, most) << keys.cols << " wide, bandwidth " << bandwidth;
}

TEST(KernelTile, ValuesAreThoseOfTheDefinition) {
  for_each_instruction_set([] {
    for (const Index dim : kDims)
      for (const double bandwidth : {0.25, 1.0, 10.0}) {
        const Matrix<float> queries = normal_points(37, dim, 1), keys = normal_points(45, dim, 2);
        expect_values(queries, keys, bandwidth, 8e-6);
      }
  });
}

TEST(KernelTile, OfAnyNumberOfQueriesAndKeys) {
  for_each_instruction_set([] {
    for (const Index queries : {1, 15, 16, 17, 32, 33, 48})
      for (const Index keys : {1, 2, 5, 6, 7, 8, 9, 16, 24, 25})
        expect_values(normal_points(queries, 5, 1), normal_points(keys, 5, 2), 1, 2e-6);
  });
}

TEST(KernelTile, NoKeysAddNothing) {
  const Tile tile(normal_points(3, 4, 1), normal_points(5, 4, 2), 1);
  std::vector<float> sums(16, 2.5F);
  add_kernel_sums(tile.panel, {}, 4, nullptr, sums.data());
  EXPECT_EQ(sums, std::vector<float>(16, 2.5F));
}

TEST(KernelTile, ValuesOfPointsManyBandwidthsFromTheirMeanAreRight) {
  for_each_instruction_set([] {
    for (const Index dim : kDims)
      for (const double apart : {5.0, 30.0, 100.0}) {
        const Matrix<float> keys = clustered_points(45, dim, apart, 2);
        Matrix<float> queries = clustered_points(37, dim, apart, 3);
        queries.view().row(3)[0] = keys(5, 0);
        // What rounding the centred coordinates to float changes grows with their size.
        expect_values(queries, keys, 1, 4e-6 + 4e-7 * apart);
      }
  });
}

TEST(KernelTile, APointFarAwayDoesNotSpoilTheOthers) {
  for_each_instruction_set([] {
    Matrix<float> keys = normal_points(45, 16, 2), queries = normal_points(37, 16, 3);
    queries(30, 2) = 1e9F;
    for (const float far : {30.0F, 1e5F}) {
      for (const Index c : {0, 1, 2}) keys(8, c) = far, keys(9, c) = -far;  // the mean stays
      expect_values(queries, keys, 1, 2e-6);
    }
  });
}

TEST(KernelTile, ValuesOfEqualPointsAreOneAndOfFarOnesZero) {
  for_each_instruction_set([] {
    for (const double bandwidth : {1e-30, 1e-3, 0.01}) {
      const Matrix<float> keys = normal_points(48, 20, 5);
      const Tile tile(keys, keys, bandwidth);
      const std::vector<float> values = tile.values();
      for (Index j = 0; j < 48; ++j)
        for (Index l = 0; l < 48; ++l) ASSERT_EQ(values[j * 48 + l], j == l ? 1 : 0);
    }
  });
}

TEST(KernelTile, SumsAddWeightedValues) {
  for_each_instruction_set([] {
    for (const Index queries : {5, 20, 48})
      for (const Index keys : {1, 7, 8, 61}) {
        const Tile tile(normal_points(queries, 9, 1), normal_points(keys, 9, 2), 1);
        const Matrix<double> weights = normal_matrix(1, keys, 3);
        const std::vector<float> w(weights.storage.begin(), weights.storage.end());
        const std::vector<float> values = tile.values();
        const Index lanes = tile.panel.lanes();
        std::vector<float> sums(static_cast<std::size_t>(lanes), 0.5F);
        add_kernel_sums(tile.panel, tile.list, 9, w.data(), sums.data());
        for (Index l = 0; l < lanes; ++l) {
          double expected = 0.5;
          for (Index j = 0; j < keys; ++j) expected += double{w[j]} * double{values[j * lanes + l]};
          ASSERT_NEAR(double{sums[l]}, expected, 1e-5);
        }
      }
  });
}

TEST(KernelTile, ClippedSumsTakeThePlainWeightWhereATermIsLarge) {
  for_each_instruction_set([] {
    const Index keys = 61;
    const Tile tile(normal_points(40, 9, 1), normal_points(keys, 9, 2), 1);
    const Matrix<double> numbers = normal_matrix(2, keys, 3);
    std::vector<float> weights, plain;
    for (Index j = 0; j < keys; ++j) {
      weights.push_back(static_cast<float>(4 * numbers(0, j)));
      plain.push_back(static_cast<float>(numbers(1, j)));
    }
    const std::vector<float> values = tile.values();
    const Index lanes = tile.panel.lanes();
    Index clipped = 0;
    for (const float most : {0.0F, 1.0F, 100.0F}) {
      std::vector<float> sums(static_cast<std::size_t>(lanes), 0.5F);
      std::vector<float> most_of_lanes;
      for (Index l = 0; l < lanes; ++l)
        most_of_lanes.push_back(l % 3 == 0 ? most / 2 : most);
      add_clipped_sums(tile.panel, tile.list, 9, weights.data(), plain.data(),
                       most_of_lanes.data(), sums.data());
      for (Index l = 0; l < lanes; ++l) {
        double expected = 0.5;
        for (Index j = 0; j < keys; ++j) {
          const float value = values[j * lanes + l];
          const bool large = std::abs(value * weights[j]) > most_of_lanes[l];
          clipped += large && most == 1;
          expected += double{large ? plain[j] : weights[j]} * double{value};
        }
        ASSERT_NEAR(double{sums[l]}, expected, 2e-5) << most;
      }
    }
    EXPECT_GT(clipped, 100);
    EXPECT_LT(clipped, 40 * keys - 100);
  });
}

TEST(KernelTile, MutualSumsGoBothWays) {
  for_each_instruction_set([] {
    for (const Index queries : {5, 20, 48})
      for (const Index keys : {1, 7, 8, 61}) {
        const Tile tile(normal_points(queries, 9, 1), normal_points(keys, 9, 2), 1);
        const Matrix<double> numbers = normal_matrix(1, keys + 48, 3);
        const std::vector<float> weights(numbers.storage.begin(), numbers.storage.end());
        const float* const query_weights = weights.data() + keys;
        const std::vector<float> values = tile.values();
        const Index lanes = tile.panel.lanes();
        std::vector<float> sums(static_cast<std::size_t>(lanes), 0.5F);
        std::vector<float> key_sums(static_cast<std::size_t>(keys * kLanes), 0.25F);
        add_mutual_sums(tile.panel, tile.list, 9, weights.data(), sums.data(), query_weights,
                        key_sums.data());
        for (Index l = 0; l < lanes; ++l) {
          double expected = 0.5;
          for (Index j = 0; j < keys; ++j)
            expected += double{weights[j]} * double{values[j * lanes + l]};
          ASSERT_NEAR(double{sums[l]}, expected, 1e-5);
        }
        for (Index j = 0; j < keys; ++j) {
          double expected = 0.25 * kLanes, got = 0;
          for (Index l = 0; l < lanes; ++l)
            expected += double{query_weights[l]} * double{values[j * lanes + l]};
          for (Index l = 0; l < kLanes; ++l) got += double{key_sums[j * kLanes + l]};
          ASSERT_NEAR(got, expected, 1e-5);
        }
      }
  });
}

TEST(KernelTile, WeightedValuesAreAProduct) {
  for_each_instruction_set([] {
    for (const int vectors : {1, 2, 3})
      for (const Index cols : {1, 2, 6, 7, 8, 9, 17})
        for (const Index count : {0, 1, 30}) {
          const Index lanes = kLanes * vectors;
          const Matrix<double> w = normal_matrix(cols, count + 3, 1);
          const Matrix<double> k = normal_matrix(count, lanes, 2);
          const std::vector<float> weights(w.storage.begin(), w.storage.end());
          const std::vector<float> values(k.storage.begin(), k.storage.end());
          std::vector<float> sums(static_cast<std::size_t>(cols * lanes), 0.5F);
          add_weighted_values({weights.data(), cols, count, count + 3}, values.data(), vectors,
                              sums.data());
          for (Index c = 0; c < cols; ++c)
            for (Index l = 0; l < lanes; ++l) {
              double expected = 0.5;
              for (Index j = 0; j < count; ++j) expected += w(c, j) * k(j, l);
              ASSERT_NEAR(double{sums[c * lanes + l]}, expected, 1e-5);
            }
        }
  });
}

// 2^x, by queries at the origin whose offsets are x.
std::vector<float> powers_of_two(const std::vector<float>& x) {
  std::vector<float> out;
  const float zero = 0;
  const float* const row = &zero;
  const std::vector<float> points(48);
  for (std::size_t first = 0; first < x.size(); first += 48) {
    std::vector<float> offsets(48, kNoQuery), values(48);
    const std::size_t count = std::min<std::size_t>(48, x.size() - first);
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(first), count, offsets.begin());
    kernel_values({points.data(), offsets.data(), 3}, {&row, &zero, 1}, 1, values.data());
    out.insert(out.end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return out;
}

TEST(KernelTile, PowersOfTwoAreRightToTheLastBitsForEveryExponent) {
  std::vector<float> x;
  for (int k = 0; k > -126; --k)
    for (int i = 0; i < 1000; ++i) x.push_back(static_cast<float>(k - i * 1e-3));
  for (float small = 0.5F; small > 0; small /= 2) x.push_back(-small);
  x.push_back(-126);
  for_each_instruction_set([&] {
    const std::vector<float> got = powers_of_two(x);
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      worst = std::max(worst, std::abs(double{got[i]} / std::exp2(double{x[i]}) - 1));
    EXPECT_LE(worst, 2e-7);
    EXPECT_EQ(got.front(), 1);
    EXPECT_EQ(got.back(), std::numeric_limits<float>::min());
  });
}

TEST(KernelTile, PowersOfTwoThatAreNoNormalNumbersAreZero) {
  const std::vector<float> x = {std::nextafter(-126.0F, -200.0F),
                                -126.5F,
                                -127,
                                -149,
                                -150,
                                -300,
                                -1e10F,
                                std::numeric_limits<float>::lowest(),
                                -std::numeric_limits<float>::infinity()};
  for_each_instruction_set(
      [&] { EXPECT_EQ(powers_of_two(x), std::vector<float>(x.size(), 0.0F)); });
}

}  // namespace
}  // namespace prodigest::kernel
