#include "prodigest/kernel/exact_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

#include "expect_error.hpp"
#include "kernel/naive_kernel.hpp"
#include "simd_targets.hpp"

namespace prodigest::kernel {
namespace {

Matrix<double> product(MatrixView<const float> queries, MatrixView<const float> keys,
                       double bandwidth, MatrixView<const double> x, const Context& context = {}) {
  Matrix<double> y(queries.rows, x.cols);
  std::ranges::fill(y.storage, 1e100);  // which must not show
  exact_product(queries, keys, bandwidth, x, y.view(), context);
  return y;
}

// Errors relative to K |x|.
void expect_product(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth,
                    MatrixView<const double> x, double most = 2e-6) {
  const Matrix<double> got = product(queries, keys, bandwidth, x);
  const NaiveProduct expected = naive_product(queries, keys, bandwidth, x);
  double worst = 0;
  for (Index i = 0; i < queries.rows; ++i)
    for (Index c = 0; c < x.cols; ++c)
      worst = std::max(
          worst, std::abs(got(i, c) - expected.products(i, c)) / (expected.sums(i, c) + 1e-30));
  EXPECT_LE(worst, most) << queries.rows << " x " << keys.rows << ", " << keys.cols << " wide, "
                         << x.cols << " columns, bandwidth " << bandwidth;
}

TEST(ExactProduct, IsThatOfTheDefinition) {
  for_each_instruction_set([] {
    for (const Index dim : {1, 3, 15, 16, 17, 64, 100})
      for (const double bandwidth : {0.3, 1.0, 10.0})
        for (const Index cols : {1, 3})
          expect_product(normal_points(53, dim, 1), normal_points(77, dim, 2), bandwidth,
                         normal_matrix(77, cols, 3), 4e-6);
  });
}

TEST(ExactProduct, OfAnyShape) {
  for (const Index queries : {1, 47, 49, 97, 250})
    for (const Index keys : {1, 7, 239, 241, 500})
      for (const Index cols : {1, 2, 8, 9, 64})
        expect_product(normal_points(queries, 4, 1), normal_points(keys, 4, 2), 0.7,
                       normal_matrix(keys, cols, 3));
}

TEST(ExactProduct, OfKeysWithThemselves) {
  for (const Index n : {1, 2, 48, 100, 481, 1500}) {
    const Matrix<float> keys = normal_points(n, 6, 1);
    for (const Index cols : {1, 5}) expect_product(keys, keys, 0.5, normal_matrix(n, cols, 2));
  }
}

TEST(ExactProduct, OfNothing) {
  const Matrix<float> keys = normal_points(7, 3, 1);
  EXPECT_EQ(product(Matrix<float>(0, 3), keys, 1, normal_matrix(7, 2, 1)).rows, 0);
  EXPECT_EQ(product(keys, keys, 1, Matrix<double>(7, 0)).cols, 0);
}

TEST(ExactProduct, OfViewsIntoWiderMatrices) {
  const Matrix<float> wide = normal_points(300, 9, 1);
  const Matrix<double> wide_x = normal_matrix(300, 5, 2);
  const MatrixView<const float> points(wide.storage.data() + 2, 300, 4, 9);
  const MatrixView<const double> x(wide_x.storage.data() + 1, 300, 2, 5);
  Matrix<double> wide_y(300, 7);
  exact_product(points, points, 0.8, x, {wide_y.storage.data() + 3, 300, 2, 7});
  const NaiveProduct expected = naive_product(points, points, 0.8, x);
  for (Index i = 0; i < 300; ++i)
    for (Index c = 0; c < 7; ++c)
      EXPECT_NEAR(wide_y(i, c), c == 3 || c == 4 ? expected.products(i, c - 3) : 0, 1e-4);
}

TEST(ExactProduct, HasTheSameBitsForAnyNumberOfThreads) {
  const Matrix<float> keys = normal_points(2000, 10, 1), queries = normal_points(700, 10, 2);
  for (const Index cols : {1, 3})
    for (const bool same : {false, true}) {
      const Matrix<double> x = normal_matrix(2000, cols, 3);
      const MatrixView<const float> q = same ? keys.view() : queries.view();
      const Matrix<double> one = product(q, keys, 1, x, {.threads = 1});
      EXPECT_EQ(product(q, keys, 1, x, {.threads = 2}), one);
      EXPECT_EQ(product(q, keys, 1, x, {.threads = 3}), one);
    }
}

TEST(ExactProduct, DoesNotFeelHowFarTheOriginIs) {
  Matrix<float> keys = normal_points(300, 20, 1);
  for (float& x : keys.storage) x += 1e4F;
  expect_product(keys, keys, 1, normal_matrix(300, 1, 2));
}

TEST(ExactProduct, OfPointsManyBandwidthsFromTheirMean) {
  for (const Index dim : {1, 3, 16, 64})
    for (const double apart : {10.0, 100.0}) {
      const Matrix<float> keys = clustered_points(300, dim, apart, 1);
      for (const Index cols : {1, 2})
        expect_product(keys, keys, 1, normal_matrix(300, cols, 2), 4e-6 + 3e-7 * apart);
    }
}

TEST(ExactProduct, OfExtremeBandwidthsIsTheIdentityOrASum) {
  const Matrix<float> keys = normal_points(60, 5, 1);
  const Matrix<double> x = normal_matrix(60, 2, 2);
  for (const double bandwidth : {1e-300, 1e-30, 1e-6}) {
    const Matrix<double> y = product(keys, keys, bandwidth, x);
    for (std::size_t i = 0; i < x.storage.size(); ++i)
      EXPECT_NEAR(y.storage[i], x.storage[i], 1e-6);
  }
  double sum = 0;
  for (Index j = 0; j < 60; ++j) sum += x(j, 1);
  for (const double bandwidth : {1e6, 1e30, 1e300}) {
    const Matrix<double> y = product(keys, keys, bandwidth, x);
    for (Index i = 0; i < 60; ++i) EXPECT_NEAR(y(i, 1), sum, 1e-5);
  }
}

TEST(ExactProduct, OfDuplicatesCountsThem) {
  Matrix<float> keys(100000, 3);
  std::ranges::fill(keys.storage, 0.1F);
  Matrix<double> x(100000, 1);
  std::ranges::fill(x.storage, 0.25);
  const Matrix<double> y = product(keys.view().slice(0, 50), keys, 0.01, x);
  for (const double sum : y.storage) EXPECT_EQ(sum, 25000);
}

TEST(ExactProduct, OfNumbersThatFloatsDoNotHold) {
  const Matrix<float> keys = normal_points(300, 5, 1);
  Matrix<double> x = normal_matrix(300, 4, 2);
  const double scales[] = {1e300, 1, 1e-300, 0};
  for (Index j = 0; j < 300; ++j)
    for (Index c = 0; c < 4; ++c) x(j, c) = x(j, 0) * (c == 0 ? 1 : scales[c]);
  const NaiveProduct expected = naive_product(keys, keys, 1, x);
  for (Index j = 0; j < 300; ++j) x(j, 0) *= scales[0];
  const Matrix<double> y = product(keys, keys, 1, x);
  for (Index i = 0; i < 300; ++i) {
    for (Index c = 0; c < 3; ++c)
      EXPECT_NEAR(y(i, c) / scales[c], expected.products(i, 0), 2e-6 * expected.sums(i, 0));
    EXPECT_EQ(y(i, 3), 0);
  }
}

TEST(ExactProduct, TellsOfItsProgress) {
  const Matrix<float> keys = normal_points(1000, 5, 1), queries = normal_points(900, 5, 2);
  for (const bool same : {false, true}) {
    std::vector<Index> done;
    product(same ? keys : queries, keys, 1, normal_matrix(1000, 1, 3),
            {.progress = [&](Index rows) { done.push_back(rows); }});
    EXPECT_GT(done.size(), 2);
    EXPECT_TRUE(std::ranges::is_sorted(done));
    EXPECT_EQ(done.back(), same ? 1000 : 900);
  }
}

TEST(ExactProduct, CanBeCancelled) {
  const Matrix<float> keys = normal_points(300, 5, 1);
  std::stop_source stop;
  stop.request_stop();
  expect_refusal(ErrorCode::kCancelled, "cancelled", [&] {
    product(keys, keys, 1, normal_matrix(300, 1, 2), {.cancel = stop.get_token()});
  });
}

TEST(ExactProduct, RefusesShapesAndNumbersThatDoNotFit) {
  const Matrix<float> keys(4, 3), queries(5, 3);
  Matrix<double> y(5, 2);
  const auto refuses = [&](const std::string& message, MatrixView<const double> x, double bandwidth,
                           MatrixView<double> to) {
    expect_error(ErrorCode::kInvalidArgument, message,
                 [&] { exact_product(queries, keys, bandwidth, x, to); });
  };
  refuses("exact_product: x must have a row for each of 4 keys, got 5", Matrix<double>(5, 2), 1,
          y.view());
  refuses(
      "exact_product: y must be 5 x 3, a row for each query and a column for each of x, got 5 x 2",
      Matrix<double>(4, 3), 1, y.view());
  refuses(
      "exact_product: y must be 5 x 2, a row for each query and a column for each of x, got 4 x 2",
      Matrix<double>(4, 2), 1, y.view().slice(0, 4));
  refuses("gaussian kernel: the bandwidth must be positive and finite, got 0", Matrix<double>(4, 2),
          0, y.view());
  Matrix<double> x(4, 2);
  x(3, 1) = std::numeric_limits<double>::infinity();
  refuses("exact_product: x must be finite, got inf in row 3, column 1", x, 1, y.view());
}

}  // namespace
}  // namespace prodigest::kernel
