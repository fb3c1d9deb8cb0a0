#include "prodigest/kernel/softmax_attention.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "expect_error.hpp"
#include "kernel/gaussian_rows.hpp"

namespace prodigest::kernel {
namespace {

Matrix<double> softmax(const Matrix<float>& q, const Matrix<float>& k, const Matrix<float>& v,
                       double scale) {
  Matrix<double> out(q.rows, v.cols);
  for (Index i = 0; i < q.rows; ++i) {
    std::vector<double> weights(k.rows);
    for (Index j = 0; j < k.rows; ++j)
      for (Index c = 0; c < k.cols; ++c)
        weights[j] += scale * static_cast<double>(q(i, c)) * static_cast<double>(k(j, c));
    const double most = *std::ranges::max_element(weights);
    double total = 0;
    for (double& w : weights) total += w = std::exp(w - most);
    for (Index j = 0; j < k.rows; ++j)
      for (Index c = 0; c < v.cols; ++c) out(i, c) += weights[j] / total * v(j, c);
  }
  return out;
}

Matrix<float> every_nth(const Matrix<float>& rows, Index step) {
  Matrix<float> made((rows.rows + step - 1) / step, rows.cols);
  for (Index i = 0; i < made.rows; ++i)
    std::ranges::copy(rows.view().row(i * step), made.view().row_data(i));
  return made;
}

// ||got - expected||_F / ||values - mean||_F, both as of all queries
double error_of(const Matrix<float>& got, const Matrix<double>& expected,
                const Matrix<float>& values, Index step) {
  double errors = 0, spread = 0;
  for (std::size_t i = 0; i < expected.storage.size(); ++i)
    errors += (got.storage[i] - expected.storage[i]) * (got.storage[i] - expected.storage[i]);
  for (Index c = 0; c < values.cols; ++c) {
    double mean = 0;
    for (Index j = 0; j < values.rows; ++j) mean += values(j, c) / static_cast<double>(values.rows);
    for (Index j = 0; j < values.rows; ++j) spread += (values(j, c) - mean) * (values(j, c) - mean);
  }
  return std::sqrt(static_cast<double>(step) * errors / spread);
}

TEST(SoftmaxAttention, of_few_tokens_is_exact) {
  for (const Index tokens : {1, 2, 77}) {
    const auto q = normal_points<float>(1, 33, 8, 2), k = normal_points<float>(2, tokens, 8);
    auto v = normal_points<float>(3, tokens, 5);
    for (float& x : v.storage) x += 10;  // a mean that has to be taken off and put back
    for (const double scale : {0.0, 1.0}) {
      Matrix<float> out(q.rows, v.cols);
      const SoftmaxReport report = softmax_attention(q, k, v, {}, out.view(), scale);
      const double used = scale > 0 ? scale : 1 / std::sqrt(8.0);
      const Matrix<double> expected = softmax(q, k, v, used);
      for (std::size_t i = 0; i < out.storage.size(); ++i)
        EXPECT_NEAR(out.storage[i], expected.storage[i], 1e-4);
      EXPECT_TRUE(report.product.exact);
      EXPECT_LE(report.least_row_log2, report.most_row_log2);
    }
  }
}

TEST(SoftmaxAttention, keeps_to_epsilon_of_the_spread_of_values) {
  constexpr Index kStep = 32;
  const auto q = normal_points<float>(1, 8192, 16), k = normal_points<float>(2, 8192, 16);
  auto v = normal_points<float>(3, 8192, 4);
  for (float& x : v.storage) x += 100;
  const Matrix<double> expected = softmax(every_nth(q, kStep), k, v, 0.25);
  Matrix<float> out(q.rows, v.cols);
  for (const double epsilon : {0.02, 0.1}) {
    const SoftmaxReport report = softmax_attention(q, k, v, {.epsilon = epsilon}, out.view());
    EXPECT_FALSE(report.product.exact) << report.product.reason;
    const double error = error_of(every_nth(out, kStep), expected, v, kStep);
    EXPECT_LT(error, epsilon);
    EXPECT_NEAR(report.product.error / error, 1, 0.2);
  }
}

TEST(SoftmaxAttention, of_equal_values_is_that_value) {
  const auto q = normal_points<float>(1, 20, 8), k = normal_points<float>(2, 30, 8);
  Matrix<float> v(30, 2), out(20, 2);
  std::ranges::fill(v.storage, 3.5F);
  softmax_attention(q, k, v, {}, out.view());
  for (const float x : out.storage) EXPECT_EQ(x, 3.5F);
}

TEST(SoftmaxAttention, of_no_queries_is_nothing) {
  const auto k = normal_points<float>(2, 30, 8);
  Matrix<float> q(0, 8), out(0, 8);
  EXPECT_NO_THROW(softmax_attention(q, k, k, {}, out.view()));
}

TEST(SoftmaxAttention, refuses_weights_that_floats_do_not_hold_naming_the_remedy) {
  const auto q = normal_points<float>(1, 20, 8, 40), k = normal_points<float>(2, 30, 8, 40);
  Matrix<float> out(20, 8);
  expect_refusal(ErrorCode::kUnsupported, "take exact softmax attention",
                 [&] { softmax_attention(q, k, k, {}, out.view()); });
}

TEST(SoftmaxAttention, refuses_what_does_not_fit) {
  const auto q = normal_points<float>(1, 20, 8), k = normal_points<float>(2, 30, 8);
  auto v = normal_points<float>(3, 30, 4);
  Matrix<float> out(20, 4), other(20, 5);
  expect_refusal(ErrorCode::kInvalidArgument, "as many values as keys, 30, got 20",
                 [&] { softmax_attention(q, k, q, {}, out.view()); });
  expect_refusal(ErrorCode::kInvalidArgument, "out must be 20 x 4, got 20 x 5",
                 [&] { softmax_attention(q, k, v, {}, other.view()); });
  v(29, 3) = std::numeric_limits<float>::infinity();
  expect_refusal(ErrorCode::kInvalidArgument, "values must be finite, got inf in row 29, column 3",
                 [&] { softmax_attention(q, k, v, {}, out.view()); });
}

}  // namespace
}  // namespace prodigest::kernel
