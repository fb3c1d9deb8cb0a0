#include "kernel/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "kernel/kernel_data.hpp"
#include "kernel/listed_rows.hpp"
#include "kernel/two_means.hpp"

namespace prodigest::kernel {
namespace {

CentredPair pair_of(const KernelData& data) {
  return centre_points(data.of_queries(), data.keys.view(), data.bandwidth);
}

void expect_all_once(std::vector<std::int32_t> ids, Index count) {
  std::ranges::sort(ids);
  std::vector<std::int32_t> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(ids, all);
}

// Leaves follow each other, none is too large, and every point is in one.
void expect_partition(const Partition& partition, Index n, Index n_q, bool same) {
  expect_all_once(partition.keys, n);
  if (same)
    EXPECT_TRUE(partition.queries.empty());
  else
    expect_all_once(partition.queries, n_q);
  Index key = 0, query = 0;
  for (const Leaf& leaf : partition.leaves) {
    EXPECT_EQ(leaf.first_key, key);
    EXPECT_EQ(leaf.first_query, query);
    EXPECT_GE(leaf.keys, 1);
    EXPECT_LE(leaf.keys, kLeafKeys);
    EXPECT_GE(leaf.queries, 0);
    key += leaf.keys;
    query += leaf.queries;
  }
  EXPECT_EQ(key, n);
  EXPECT_EQ(query, n_q);
}

TEST(Partition, HasEveryPointInOneSmallLeaf) {
  for (const Index n : {1, 2, 127, 128, 129, 1000, 40000}) {
    const auto same = pair_of(tree_points(n, 8));
    for (const Partition& partition : find_partitions(same, 2, {3}, {}))
      expect_partition(partition, n, n, true);
    for (const Index n_q : {1, 50, 3000}) {
      const auto apart = pair_of(attention_points(n_q, n, 8));
      for (const Partition& partition : find_partitions(apart, 2, {3}, {}))
        expect_partition(partition, n, n_q, false);
    }
  }
}

TEST(Partition, SharesQueriesOutAsKeys) {
  const Index n = 5000, n_q = 20000;
  const auto points = pair_of(attention_points(n_q, n, 16));
  for (const Partition& partition : find_partitions(points, 2, {4}, {}))
    for (const Leaf& leaf : partition.leaves)  // rounded down once a depth
      EXPECT_NEAR(static_cast<double>(leaf.queries), 4.0 * static_cast<double>(leaf.keys), 20.0);
}

TEST(Partition, IsTheSameForAnyNumberOfThreads) {
  const auto points = pair_of(attention_points(20000, 40000, 8));
  const auto one = find_partitions(points, 3, {5}, {.threads = 1});
  for (const int threads : {2, 3}) {
    const auto more = find_partitions(points, 3, {5}, {.threads = threads});
    for (std::size_t t = 0; t < one.size(); ++t) {
      EXPECT_EQ(one[t].keys, more[t].keys);
      EXPECT_EQ(one[t].queries, more[t].queries);
    }
  }
}

TEST(Partition, OfAnotherTreeOrSeedIsAnotherOne) {
  const auto points = pair_of(tree_points(2000, 8));
  std::set<std::vector<std::int32_t>> orders;
  for (const std::uint64_t seed : {1, 2})
    for (const Partition& partition : find_partitions(points, 4, {seed}, {}))
      orders.insert(partition.keys);
  EXPECT_EQ(orders.size(), 8U);
}

TEST(Partition, OfManyEqualPointsIsBalanced) {
  KernelData data{.keys = Matrix<float>(20000, 3)};
  const auto partitions = find_partitions(pair_of(data), 1, {1}, {});
  expect_partition(partitions[0], 20000, 20000, true);
  EXPECT_EQ(partitions[0].leaves.size(), 256U);
}

// 20000 points of which all but a few are equal: parts would be tiny without a limit.
TEST(Partition, OfFewOutliersStaysShallow) {
  KernelData data{.keys = Matrix<float>(20000, 2)};
  for (Index i = 0; i < 300; ++i) data.keys(i, 0) = std::exp2(static_cast<float>(i % 40));
  const auto partitions = find_partitions(pair_of(data), 1, {1}, {});
  expect_partition(partitions[0], 20000, 20000, true);
  EXPECT_LE(partitions[0].leaves.size(), 2000U);
}

TEST(TwoMeans, PlaneIsBetweenTwoClusters) {
  AlignedMatrix<float> rows(200, 5);
  for (Index i = 0; i < 200; ++i) {
    const auto noise = normal_row({6}, i, 5);
    for (Index c = 0; c < 5; ++c)
      rows.view()(i, c) = static_cast<float>(noise[c] + (i % 3 == 0 ? 6.0 : -6.0));
  }
  std::vector<std::int32_t> all(200);
  std::iota(all.begin(), all.end(), 0);
  for (const std::size_t first : {0, 1}) {  // of either cluster
    std::swap(all[0], all[first]);
    Plane plane;
    find_plane(rows.view(), all, plane);
    std::vector<float> products(200);
    multiply_listed_rows(rows.view(), all, plane.direction.data(), products.data());
    const bool side = products[0] > plane.threshold;
    for (std::size_t i = 0; i < all.size(); ++i)
      EXPECT_EQ((products[i] > plane.threshold) == side, (all[i] % 3 == 0) == (all[0] % 3 == 0));
  }
}

TEST(TwoMeans, OfEqualPointsHasNoDirection) {
  AlignedMatrix<float> rows(4, 3);
  Plane plane;
  const std::vector<std::int32_t> sample{0, 1, 2, 3, 3};
  find_plane(rows.view(), sample, plane);
  EXPECT_EQ(plane.direction, std::vector<float>(16, 0.0F));
}

}  // namespace
}  // namespace prodigest::kernel
