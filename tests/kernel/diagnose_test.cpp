#include "prodigest/kernel/diagnose.hpp"

#include <gtest/gtest.h>

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "expect_error.hpp"
#include "kernel/noisy_map.hpp"

namespace prodigest::kernel {
namespace {

struct Sorted {
  double tail_over_head = 0, to_2nth = 0, to_next = 0, mean = 0;
};

// By sorting all of them.
Sorted sorted_statistics(const Matrix<double>& kernel, Index size) {
  std::vector<double> entries;
  for (Index i = 0; i < size; ++i)
    for (Index j = 0; j < size; ++j) entries.push_back(kernel(i, j));
  std::ranges::sort(entries, std::greater<>());
  double head = 0, tail = 0;
  for (std::size_t i = 0; i < entries.size(); ++i)
    (i < static_cast<std::size_t>(size) ? head : tail) += entries[i];
  return {tail / head, entries[size - 1] / entries[2 * size - 1], entries[size - 1] / entries[size],
          (head + tail) / static_cast<double>(size)};
}

// K of the paper's reduction: without centring, M the largest |k|².
Matrix<double> reduced_kernel(const Matrix<float>& q, const Matrix<float>& k) {
  const auto dot = [](const Matrix<float>& a, Index i, const Matrix<float>& b, Index j) {
    double sum = 0;
    for (Index c = 0; c < a.cols; ++c)
      sum += static_cast<double>(a(i, c)) * static_cast<double>(b(j, c));
    return sum;
  };
  double most = 0;
  for (Index j = 0; j < k.rows; ++j) most = std::max(most, dot(k, j, k, j));
  Matrix<double> kernel(q.rows, k.rows);
  for (Index i = 0; i < q.rows; ++i)
    for (Index j = 0; j < k.rows; ++j)
      kernel(i, j) = std::exp((2 * dot(q, i, k, j) - dot(q, i, q, i) - most) /
                              (2 * std::sqrt(static_cast<double>(k.cols))));
  return kernel;
}

void expect_sorted(const Diagnosis& found, const Matrix<double>& kernel) {
  double most = 0;
  for (const PrefixDiagnosis& prefix : found.prefixes) {
    const Sorted expected = sorted_statistics(kernel, prefix.size);
    EXPECT_NEAR(prefix.tail_over_head, expected.tail_over_head, 1e-9);
    EXPECT_NEAR(prefix.nth_over_2nth / expected.to_2nth, 1, 1e-9);
    EXPECT_NEAR(prefix.nth_over_next / expected.to_next, 1, 1e-9);
    EXPECT_NEAR(prefix.mean_row_sum / expected.mean, 1, 1e-9);
    EXPECT_NEAR(prefix.log10_mean_row_sum, std::log10(expected.mean), 1e-9);
    most = std::max(most, expected.tail_over_head);
  }
  EXPECT_NEAR(found.largest_tail_over_head, most, 1e-9);
  const Eigen::MatrixXd dense = eigen_of(kernel);
  EXPECT_NEAR(found.norm / dense.bdcSvd().singularValues()[0], 1, 1e-4);
}

void expect_rows(const Diagnosis& found, Matrix<double> kernel) {
  const Index n = kernel.rows;
  double effective = 0, least = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < n; ++i) {
    double sum = 0, squares = 0;
    const auto row = kernel.view().row(i);
    least = std::min(least, *std::ranges::max_element(row));
    for (const double x : row) sum += x;
    for (double& x : row) squares += (x / sum) * (x / sum), x /= sum;
    effective += 1 / squares / static_cast<double>(n);
  }
  EXPECT_NEAR(found.effective_keys, effective, 1e-9 * effective);
  EXPECT_NEAR(found.least_largest_log2, std::log2(least), 1e-9);
  EXPECT_NEAR(found.normalized_tail_over_head, sorted_statistics(kernel, n).tail_over_head, 1e-9);
}

TEST(Diagnose, is_what_sorting_all_entries_of_every_prefix_tells) {
  const auto keys = normal_points<float>(1, 130, 5), queries = normal_points<float>(2, 130, 5);
  for (const double bandwidth : {0.5, 3.0}) {
    const Diagnosis found =
        diagnose(queries, keys, {.bandwidth = bandwidth, .first = 3, .step = 10});
    ASSERT_EQ(found.prefixes.size(), 14);
    EXPECT_EQ(found.prefixes.front().size, 3);
    EXPECT_EQ(found.prefixes[1].size, 13);
    EXPECT_EQ(found.prefixes.back().size, 130);
    const Matrix<double> kernel = gaussian_matrix(queries, keys, bandwidth);
    expect_sorted(found, kernel);
    expect_rows(found, kernel);
    EXPECT_EQ(found.underflow, 0);
  }
}

TEST(Diagnose, of_attention_reduces_it_as_the_paper_does) {
  auto keys = normal_points<float>(1, 120, 16), queries = normal_points<float>(2, 120, 16);
  for (float& x : keys.storage) x += 0.5F;
  const Diagnosis found = diagnose(queries, keys, {.attention = true});
  const Matrix<double> kernel = reduced_kernel(queries, keys);
  expect_sorted(found, kernel);
  expect_rows(found, kernel);
}

TEST(Diagnose, takes_about_fifty_prefixes_unless_told) {
  const auto points = normal_points<float>(1, 300, 4);
  const Diagnosis found = diagnose(points, points, {});
  EXPECT_EQ(found.prefixes.front().size, 50);
  EXPECT_GT(found.prefixes.size(), 48);
  EXPECT_LT(found.prefixes.size(), 53);
  EXPECT_EQ(diagnose(points.view().slice(0, 20), points.view().slice(0, 20), {}).prefixes.size(),
            1);
}

TEST(Diagnose, of_points_far_apart_finds_a_diagonal) {
  Matrix<float> points(60, 1);
  for (Index i = 0; i < 60; ++i) points(i, 0) = static_cast<float>(1000 * i);
  const Diagnosis found = diagnose(points, points, {});
  EXPECT_EQ(found.largest_tail_over_head, 0);
  EXPECT_EQ(found.median_nth_over_next, std::numeric_limits<double>::infinity());
  EXPECT_DOUBLE_EQ(found.norm, 1);
  EXPECT_NEAR(found.effective_keys, 1, 1e-12);
  EXPECT_EQ(found.verdict,
            "the assumption holds: c = 0 at most; at epsilon = 0.05 sampling pays from about "
            "2.8e+03 points on");
}

TEST(Diagnose, of_points_all_the_same_finds_that_the_assumption_fails) {
  const Matrix<float> points(200, 3);
  const Diagnosis found = diagnose(points, points, {});
  EXPECT_DOUBLE_EQ(found.largest_tail_over_head, 199);
  EXPECT_DOUBLE_EQ(found.prefixes.front().tail_over_head, 49);
  EXPECT_DOUBLE_EQ(found.median_nth_over_2nth, 1);
  EXPECT_NEAR(found.norm, 200, 1e-9);
  EXPECT_NEAR(found.effective_keys, 200, 1e-9);
  EXPECT_EQ(found.verdict.rfind("the assumption fails: c = 199, and grows about as n^1.0;", 0), 0)
      << found.verdict;
}

// Weights of 1e-200 and less, whose ratios are as good as any.
TEST(Diagnose, of_tiny_kernels_names_them) {
  const auto keys = normal_points<float>(1, 64, 8, 8), queries = normal_points<float>(2, 64, 8, 8);
  const Diagnosis found = diagnose(queries, keys, {.attention = true});
  EXPECT_EQ(found.underflow, 1) << found.least_largest_log2;
  EXPECT_LT(found.prefixes.back().log10_mean_row_sum, -38);
  EXPECT_GT(found.effective_keys, 1);
  EXPECT_TRUE(std::isfinite(found.largest_tail_over_head));
  EXPECT_NE(found.verdict.find("y = 0 is within 0.01 ||x|| of K x"), std::string::npos);
  EXPECT_NE(found.verdict.find("floats hold no kernel value of 100 % of the queries"),
            std::string::npos);
}

TEST(Diagnose, of_one_point_is_defined) {
  const Matrix<float> one(1, 2);
  const Diagnosis found = diagnose(one, one, {});
  ASSERT_EQ(found.prefixes.size(), 1);
  EXPECT_EQ(found.largest_tail_over_head, 0);
  EXPECT_EQ(found.norm, 1);
  EXPECT_EQ(found.median_nth_over_next, std::numeric_limits<double>::infinity());
}

TEST(Diagnose, refuses_what_it_cannot_tell_of) {
  auto points = normal_points<float>(1, 10, 3);
  const auto other = normal_points<float>(1, 9, 3);
  const auto refused = [&](const std::string& words, const DiagnoseOptions& options,
                           MatrixView<const float> queries) {
    expect_refusal(ErrorCode::kInvalidArgument, words, [&] { diagnose(queries, points, options); });
  };
  refused("as many queries as keys, 10, got 9", {}, other);
  refused("bandwidth must be positive and finite, got 0", {.bandwidth = 0}, points);
  refused("scale must be positive and finite, or 0, got -1", {.scale = -1}, points);
  refused("first must be at least 1, got 0", {.first = 0}, points);
  refused("step must be at least 0, got -1", {.step = -1}, points);
  points = Matrix<float>(8193, 3);
  refused("at most 8192 points, got 8193 (give a random part of them", {}, points);
  points = Matrix<float>(0, 3);
  refused("diagnose: there must be a key, got 0", {}, points);
}

}  // namespace
}  // namespace prodigest::kernel
