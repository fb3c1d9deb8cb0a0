#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "expect_error.hpp"
#include "kernel/gaussian_rows.hpp"
#include "prodigest/kernel/softmax_attention.hpp"

namespace prodigest::kernel {
namespace {

template <Real T>
double logit(const Matrix<T>& q, const Matrix<T>& k, Index i, Index j) {
  double sum = 0;
  for (Index c = 0; c < q.cols; ++c)
    sum += static_cast<double>(q(i, c)) * static_cast<double>(k(j, c));
  return sum;
}

template <Real T>
Matrix<T> moved(Matrix<T> points, T by) {
  for (T& x : points.storage) x += by;
  return points;
}

// The largest relative error of exp(row_logs) K' as exp(<q, k> scale).
template <Real T>
double largest_error(const Matrix<T>& q, const Matrix<T>& k, double scale) {
  const auto made = reduce_softmax<T>(q.view(), k.view(), scale);
  const Matrix<double> kernel = gaussian_matrix(made.queries, made.keys, made.bandwidth);
  if (scale == 0) scale = 1 / std::sqrt(static_cast<double>(k.cols));
  double most = 0;
  for (Index i = 0; i < q.rows; ++i)
    for (Index j = 0; j < k.rows; ++j)
      most = std::max(most, std::abs(std::expm1(made.row_logs[i] + std::log(kernel(i, j)) -
                                                scale * logit(q, k, i, j))));
  return most;
}

TEST(SoftmaxReduction, is_an_identity_in_double) {
  const auto k = moved(normal_points<double>(1, 57, 16), 0.7);
  for (const double size : {0.01, 1.0, 5.0}) {
    const auto q = normal_points<double>(2, 41, 16, size);
    EXPECT_LT(largest_error(q, k, 0), 1e-12) << size;
    EXPECT_LT(largest_error(q, k, 0.03), 1e-12) << size;
  }
  EXPECT_LT(largest_error(k, k, 0), 1e-12);
}

TEST(SoftmaxReduction, is_one_to_the_rounding_of_its_points_in_float) {
  const auto q = normal_points<float>(2, 41, 16), k = moved(normal_points<float>(1, 57, 16), 0.7F);
  EXPECT_LT(largest_error(q, k, 0), 1e-5);
}

TEST(SoftmaxReduction, holds_for_one_key_and_for_zeros) {
  const auto q = normal_points<double>(2, 5, 3), one = normal_points<double>(3, 1, 3);
  const Matrix<double> zeros(4, 3);
  EXPECT_LT(largest_error(q, one, 0), 1e-12);
  EXPECT_LT(largest_error(q, zeros, 0), 1e-12);
  EXPECT_LT(largest_error(zeros, q, 0), 1e-12);
}

// Lemma 4.1 as printed multiplies row i by exp(|q_i|² + max |k|²), without the 1 / (2 sqrt(d)).
TEST(SoftmaxReduction, is_not_that_of_the_printed_lemma) {
  const Index d = 16;
  const auto q = normal_points<double>(2, 9, d), k = normal_points<double>(1, 30, d);
  const auto square = [](const Matrix<double>& points, Index i) {
    return logit(points, points, i, i);
  };
  double most = 0;
  for (Index j = 0; j < k.rows; ++j) most = std::max(most, square(k, j));
  const double bandwidth = std::pow(static_cast<double>(d), 0.25);
  for (Index i = 0; i < q.rows; ++i)
    for (Index j = 0; j < k.rows; ++j) {
      // |q' - k'|² = |q|² + M - 2 <q, k> for k' = (k, sqrt(M - |k|²))
      const double kernel_log =
          -(square(q, i) + most - 2 * logit(q, k, i, j)) / (2 * bandwidth * bandwidth);
      const double truth = logit(q, k, i, j) / std::sqrt(static_cast<double>(d));
      const double norms = square(q, i) + most;
      EXPECT_NEAR(norms / (2 * std::sqrt(static_cast<double>(d))) + kernel_log, truth, 1e-12);
      EXPECT_NEAR(norms + kernel_log - truth, norms * (1 - 1 / (2 * std::sqrt(16.0))), 1e-11);
      EXPECT_GT(norms + kernel_log - truth, 20);
    }
  // Its proof takes the root of -|k|² - max |k|², which is negative.
  EXPECT_LT(-square(k, 0) - most, 0);
}

TEST(SoftmaxReduction, refuses_what_floats_cannot_hold) {
  const auto q = normal_points<float>(2, 4, 8, 1e6), k = normal_points<float>(1, 5, 8);
  expect_refusal(ErrorCode::kInvalidArgument, "(give a smaller scale",
                 [&] { reduce_softmax<float>(q.view(), k.view()); });
  EXPECT_NO_THROW(reduce_softmax<float>(q.view(), k.view(), 1e-6));
}

TEST(SoftmaxReduction, refuses_points_that_do_not_fit_naming_where) {
  auto q = normal_points<float>(2, 4, 8);
  const auto k = normal_points<float>(1, 5, 7);
  expect_refusal(ErrorCode::kInvalidArgument,
                 "softmax_attention: queries and keys must have equally many columns, got 8 and 7",
                 [&] { reduce_softmax<float>(q.view(), k.view()); });
  expect_refusal(ErrorCode::kInvalidArgument, "softmax_attention: there must be a key, got 0",
                 [&] { reduce_softmax<float>(q.view(), Matrix<float>(0, 8).view()); });
  expect_refusal(ErrorCode::kInvalidArgument, "scale must be positive",
                 [&] { reduce_softmax<float>(q.view(), q.view(), -1); });
  q(3, 2) = std::numeric_limits<float>::quiet_NaN();
  expect_refusal(ErrorCode::kInvalidArgument, "queries must be finite, got nan in row 3, column 2",
                 [&] { reduce_softmax<float>(q.view(), q.view()); });
}

}  // namespace
}  // namespace prodigest::kernel
