#include "kernel/cells.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "kernel/kernel_data.hpp"

namespace prodigest::kernel {
namespace {

Cells cells_of(MatrixView<const float> points, Index size, Index most, int threads = 1) {
  return find_cells(points, size, most, {3}, {.threads = threads});
}

double mean_square_radius(const Cells& cells) {
  double sum = 0;
  for (Index c = 0; c < cells.count(); ++c)
    sum += static_cast<double>(cells.starts[c + 1] - cells.starts[c]) * cells.square_radii[c];
  return sum / static_cast<double>(cells.members.size());
}

void expect_sound(const Cells& cells, MatrixView<const float> points, Index most) {
  std::vector<Index> sorted = cells.members, all(static_cast<std::size_t>(points.rows));
  std::ranges::sort(sorted);
  std::iota(all.begin(), all.end(), Index{0});
  EXPECT_EQ(sorted, all);
  ASSERT_EQ(cells.starts.front(), 0);
  ASSERT_EQ(cells.starts.back(), points.rows);
  for (Index cell = 0; cell < cells.count(); ++cell) {
    const Index size = cells.starts[cell + 1] - cells.starts[cell];
    ASSERT_GT(size, 0);
    ASSERT_LE(size, most);
    double square = 0;
    for (Index c = 0; c < points.cols; ++c) {
      double sum = 0, squares = 0;
      for (Index i = cells.starts[cell]; i < cells.starts[cell + 1]; ++i) {
        const double x = points(cells.members[i], c);
        sum += x;
        squares += x * x;
      }
      const double mean = sum / static_cast<double>(size);
      EXPECT_NEAR(cells.centres.view()(cell, c), mean, 1e-5 * (1 + std::abs(mean)));
      square += squares / static_cast<double>(size) - mean * mean;
    }
    EXPECT_NEAR(cells.square_radii[cell], square, 1e-4 * (1 + square));
  }
}

TEST(Cells, AreAPartitionWithMeansAndRadii) {
  for (const Index n : {1, 2, 63, 64, 65, 1000, 3001}) {
    const KernelData data = tree_points(std::max<Index>(n, 2), 5);
    const auto points = data.keys.view().slice(0, n);
    for (const Index size : {8, 64}) {
      const Cells cells = cells_of(points, size, 4 * size);
      expect_sound(cells, points, 4 * size);
      EXPECT_LE(cells.count(), std::max<Index>(1, n / size) + n / (4 * size) + 1);
    }
  }
}

TEST(Cells, OfNoPointsAreNone) {
  const Cells cells = cells_of({nullptr, 0, 3}, 64, 256);
  EXPECT_EQ(cells.count(), 0);
  EXPECT_TRUE(cells.members.empty());
}

TEST(Cells, AreCappedWherePointsAreEqual) {
  const Matrix<float> same(10'000, 3);
  const Cells cells = cells_of(same, 64, 100);
  expect_sound(cells, same, 100);
  for (const float radius : cells.square_radii) EXPECT_EQ(radius, 0);
}

TEST(Cells, FindClustersThatLieApart) {
  constexpr Index kClusters = 20, kEach = 40;
  Matrix<float> points(kClusters * kEach, 4);
  for (Index i = 0; i < points.rows; ++i) {
    const auto centre = normal_row({7}, i % kClusters, 4), noise = normal_row({8}, i, 4);
    for (Index c = 0; c < 4; ++c)
      points(i, c) = static_cast<float>(100 * centre[c] + 0.01 * noise[c]);
  }
  const Cells cells = cells_of(points, 10, 40);
  for (Index cell = 0; cell < cells.count(); ++cell) {
    std::set<Index> clusters;
    for (Index i = cells.starts[cell]; i < cells.starts[cell + 1]; ++i)
      clusters.insert(cells.members[i] % kClusters);
    EXPECT_EQ(clusters.size(), 1) << "cell " << cell;
  }
}

TEST(Cells, AreTighterThanAnyCutOfTheHierarchy) {
  // Points below a node of height 6 are on average 2 * 6 * 0.87 from each other, squared, and half
  // of that from their mean.
  const KernelData data = tree_points(1 << 13);
  EXPECT_LT(mean_square_radius(cells_of(data.keys, 64, 256)), 0.95 * 6 * 0.87);
}

TEST(Cells, ThatAreSearchedInGroupsAreNearlyAsTight) {
  const KernelData data = tree_points(1 << 14);
  const double grouped = mean_square_radius(cells_of(data.keys, 15, 60));  // 1092 cells
  const double all = mean_square_radius(cells_of(data.keys, 16, 64));      // 1024
  EXPECT_LT(grouped, 1.02 * all);
  EXPECT_GT(grouped, 0.9 * all);
}

TEST(Cells, AreTheSameForAnyNumberOfThreads) {
  const KernelData data = tree_points(20'000, 16);
  for (const Index size : {10, 64}) {
    const Cells one = cells_of(data.keys, size, 4 * size, 1);
    for (const int threads : {2, 3}) {
      const Cells other = cells_of(data.keys, size, 4 * size, threads);
      EXPECT_EQ(one.members, other.members);
      EXPECT_EQ(one.starts, other.starts);
      EXPECT_EQ(one.square_radii, other.square_radii);
    }
  }
}

}  // namespace
}  // namespace prodigest::kernel
