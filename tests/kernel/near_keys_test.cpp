#include "kernel/near_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "kernel/kernel_data.hpp"
#include "kernel/leaf_pairs.hpp"
#include "kernel/naive_kernel.hpp"
#include "simd_targets.hpp"

namespace prodigest::kernel {
namespace {

CentredPair pair_of(const KernelData& data) {
  return centre_points(data.of_queries(), data.keys.view(), data.bandwidth);
}

NearKeys find(const KernelData& data, const NearOptions& options, int threads = 2) {
  return find_near_keys(pair_of(data), options, {}, {.threads = threads});
}

std::vector<std::pair<std::int32_t, float>> list_of(const NearKeys& lists, Index query) {
  std::vector<std::pair<std::int32_t, float>> out;
  for (Index i = query * lists.near; i < query * lists.near + lists.counts[query]; ++i)
    out.push_back({lists.keys[i], lists.values[i]});
  return out;
}

std::vector<double> all_values(const KernelData& data, Index query) {
  std::vector<double> out;
  for (Index j = 0; j < data.keys.rows; ++j)
    out.push_back(naive_kernel(data.of_queries(), query, data.keys, j, data.bandwidth));
  return out;
}

// Sum of squared values kept over that of the largest, of some queries.
double recall(const KernelData& data, const NearKeys& lists, Index near) {
  double kept = 0, largest = 0;
  const Index n_q = data.of_queries().rows;
  for (Index query = 0; query < n_q; query += std::max<Index>(1, n_q / 100)) {
    for (const auto& entry : list_of(lists, query)) kept += double{entry.second} * entry.second;
    std::vector<double> values = all_values(data, query);
    std::ranges::sort(values, std::greater());
    for (Index i = 0; i < std::min(near, std::ssize(values)); ++i) largest += values[i] * values[i];
  }
  return kept / largest;
}

// How far a kernel value may be off: rounding errors of its logarithm grow with it.
double rounding(double value) { return 2e-5 * value * (1 - std::log2(value) / 10); }

// Keys ascend, values are kernel values and within the limits.
void expect_lists(const KernelData& data, const NearKeys& lists, const NearOptions& options) {
  const Index n_q = data.of_queries().rows;
  ASSERT_EQ(std::ssize(lists.counts), n_q);
  ASSERT_LE(lists.near, options.near);
  for (Index query = 0; query < n_q; ++query) {
    ASSERT_LE(lists.counts[query], lists.near);
    const auto list = list_of(lists, query);
    float largest = 0;
    for (const auto& entry : list) largest = std::max(largest, entry.second);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto [key, value] = list[i];
      ASSERT_TRUE(key >= 0 && key < data.keys.rows);
      if (i > 0) {
        ASSERT_LT(list[i - 1].first, key);
      }
      const double expected =
          naive_kernel(data.of_queries(), query, data.keys, key, data.bandwidth);
      ASSERT_NEAR(double{value}, expected, rounding(expected));
      ASSERT_GE(value, options.least);
      ASSERT_GE(value, options.share * largest);
    }
  }
}

// Lists are the largest values of all, each within rounding, but for what the limits leave out.
void expect_best(const KernelData& data, const NearKeys& lists, const NearOptions& options) {
  expect_lists(data, lists, options);
  for (Index query = 0; query < data.of_queries().rows; ++query) {
    std::vector<double> expected = all_values(data, query), got;
    std::ranges::sort(expected, std::greater());
    const double least = std::max(double{options.least}, double{options.share} * expected[0]);
    std::erase_if(expected, [&](double value) { return value < least; });
    expected.resize(static_cast<std::size_t>(std::min(options.near, std::ssize(expected))));
    for (const auto& entry : list_of(lists, query)) got.push_back(double{entry.second});
    std::ranges::sort(got, std::greater());
    ASSERT_EQ(got.size(), expected.size()) << query;
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], expected[i], rounding(expected[i])) << query << ", " << i;
  }
}

TEST(NearKeys, OfPointsThatFillOneLeafAreTheBest) {
  for_each_instruction_set([] {
    for (const Index n : {1, 2, 17, 128})
      for (const Index near : {1, 5, 64, 200}) {
        const NearOptions options{.near = near, .trees = 2};
        expect_best(tree_points(n, 7), find(tree_points(n, 7), options), options);
        for (const Index n_q : {1, 40, 300}) {
          const KernelData apart = attention_points(n_q, n, 7);
          expect_best(apart, find(apart, options), options);
        }
      }
  });
}

TEST(NearKeys, HaveNearlyAllThatMatters) {
  struct Case {
    const char* kind;
    Index n;
    double recall;
  };
  for (const auto& [kind, n, least] :
       {Case{"tree", 6000, 0.9998}, Case{"cluster", 6000, 0.9999}, Case{"attn", 4000, 0.999}}) {
    const KernelData data = kernel_data(kind, n);
    const NearOptions options{.seed = {7}};
    const NearKeys lists = find(data, options);
    expect_lists(data, lists, options);
    EXPECT_GE(recall(data, lists, options.near), least) << kind;
  }
}

TEST(NearKeys, OfQueriesElsewhereAreFoundWhateverTheirNumber) {
  for (const Index n_q : {100, 9000}) {
    const KernelData data = attention_points(n_q, 3000, 33);
    const NearOptions options{.near = 40};
    const NearKeys lists = find(data, options);
    expect_lists(data, lists, options);
    EXPECT_GE(recall(data, lists, options.near), 0.999) << n_q;
  }
}

TEST(NearKeys, OfFewTreesAreRepairedByNeighboursOfNeighbours) {
  const KernelData data = tree_points(6000);
  const CentredPair points = pair_of(data);
  NearKeys leaves{64, std::vector<std::int32_t>(6000), std::vector<std::int32_t>(64 * 6000),
                  std::vector<float>(64 * 6000)};
  for (const Partition& tree : find_partitions(points, 2, {8}, {}))
    add_leaf_pairs({points.keys, points.keys, tree.keys, tree.keys, tree.leaves, points.dim},
                   {.least = 1e-12F}, leaves, {});
  const double before = 1 - recall(data, leaves, 64);
  const double after = 1 - recall(data, find(data, {.trees = 2, .seed = {8}}), 64);
  EXPECT_GE(before, 0.003);
  EXPECT_LE(after, before / 3);
}

// Blocks of keys, all queries in each: no leaf is alone with a query.
TEST(NearKeys, OfMorePartitionsAreMergedWithoutRepeats) {
  const KernelData data = cluster_points(1500, 16);
  Partition all;
  for (std::int32_t i = 0; i < 1500; ++i) all.keys.push_back(i);
  all.queries = all.keys;
  std::ranges::reverse(all.keys);
  for (Index first = 0; first < 1500; first += 100) all.leaves.push_back({first, 100, 0, 1500});
  for (const NearOptions& options : {NearOptions{}, NearOptions{.near = 9}, NearOptions{.share = 0},
                                     NearOptions{.share = 0.1F}, NearOptions{.least = 0.2F}})
    expect_best(data, find_near_keys(pair_of(data), options, {&all, 1}, {.threads = 1}), options);
}

TEST(NearKeys, AreTheSameForAnyNumberOfThreads) {
  for (const KernelData& data : {tree_points(20000, 16), attention_points(3000, 5000, 16)}) {
    const NearOptions options{.near = 20, .trees = 3};
    const NearKeys one = find(data, options, 1);
    for (const int threads : {2, 3}) {
      const NearKeys more = find(data, options, threads);
      EXPECT_EQ(one.counts, more.counts);
      EXPECT_EQ(one.keys, more.keys);
      EXPECT_EQ(one.values, more.values);
    }
  }
}

TEST(NearKeys, OfEqualPointsAreAnyOfThem) {
  const KernelData data{.keys = Matrix<float>(10000, 3)};
  const NearOptions options{.near = 50};
  const NearKeys lists = find(data, options);
  expect_lists(data, lists, options);
  for (const std::int32_t count : lists.counts) ASSERT_EQ(count, 50);
}

TEST(NearKeys, OfFarPointsAreNone) {
  KernelData data = attention_points(50, 500, 8);
  for (float& x : data.queries.storage) x += 1000;
  const NearKeys lists = find(data, {.share = 0});
  EXPECT_EQ(std::ranges::count(lists.counts, 0), 50);
}

TEST(NearKeys, AreNoneWithoutRoomOrTrees) {
  const KernelData data = tree_points(300, 4);
  for (const NearOptions& options : {NearOptions{.near = 0}, NearOptions{.trees = 0}}) {
    const NearKeys lists = find(data, options);
    EXPECT_EQ(std::ranges::count(lists.counts, 0), 300);
    expect_lists(data, lists, options);
  }
}

TEST(NearKeys, OfNoQueriesAreNone) {
  const KernelData data = tree_points(300, 4);
  const auto points = centre_points(data.keys.view().slice(0, 0), data.keys.view(), 1);
  EXPECT_TRUE(find_near_keys(points, {}, {}, {}).counts.empty());
}

}  // namespace
}  // namespace prodigest::kernel
