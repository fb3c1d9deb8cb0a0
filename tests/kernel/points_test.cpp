#include "kernel/points.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "expect_error.hpp"
#include "kernel/naive_kernel.hpp"

namespace prodigest::kernel {
namespace {

// log2 K of a pair, by its rows.
double log_kernel(const CentredPair& pair, Index i, Index j) {
  double squares = 0;
  for (Index c = 0; c < pair.dim; ++c) {
    const double apart =
        double{pair.of_queries().rows.view()(i, c)} - double{pair.keys.rows.view()(j, c)};
    squares += apart * apart;
  }
  return -squares / 2;
}

TEST(CentredPoints, KeepTheKernel) {
  const Matrix<float> queries = normal_points(9, 5, 1), keys = normal_points(11, 5, 2);
  for (const double bandwidth : {0.1, 1.0, 30.0}) {
    const CentredPair pair = centre_points(queries, keys, bandwidth);
    EXPECT_FALSE(pair.same);
    EXPECT_EQ(pair.dim, 5);
    for (Index i = 0; i < 9; ++i)
      for (Index j = 0; j < 11; ++j) {
        const double expected = std::log2(naive_kernel(queries, i, keys, j, bandwidth));
        EXPECT_NEAR(log_kernel(pair, i, j) / expected, 1, 1e-6);
      }
  }
}

TEST(CentredPoints, HaveKeysWhoseMeanIsZeroAndOffsetsOfTheirNorms) {
  const CentredPair pair = centre_points(normal_points(9, 5, 1), normal_points(11, 5, 2), 0.5);
  for (Index c = 0; c < 5; ++c) {
    double sum = 0;
    for (Index j = 0; j < 11; ++j) sum += double{pair.keys.rows.view()(j, c)};
    EXPECT_NEAR(sum, 0, 1e-5);
  }
  for (const CentredPoints* points : {&pair.keys, &pair.queries})
    for (Index i = 0; i < points->rows.view().rows; ++i) {
      double squares = 0;
      for (const float x : points->rows.view().row(i)) squares += double{x} * double{x};
      EXPECT_FLOAT_EQ(points->offsets[i], static_cast<float>(-squares / 2));
    }
}

TEST(CentredPoints, DoNotFeelHowFarTheOriginIs) {
  Matrix<float> near = normal_points(11, 5, 2), far = near;
  for (std::size_t i = 0; i < near.storage.size(); ++i) {
    far.storage[i] = near.storage[i] + 1e4F;  // rounded to multiples of 2^-10
    near.storage[i] = far.storage[i] - 1e4F;
  }
  const CentredPair a = centre_points(near, near, 1), b = centre_points(far, far, 1);
  for (Index i = 0; i < 11; ++i)
    for (Index j = 0; j < 11; ++j) EXPECT_NEAR(log_kernel(a, i, j), log_kernel(b, i, j), 1e-6);
}

TEST(CentredPoints, KnowWhenQueriesAreKeys) {
  const Matrix<float> keys = normal_points(11, 5, 2), copy = keys;
  EXPECT_TRUE(centre_points(keys, keys, 1).same);
  EXPECT_EQ(centre_points(keys, keys, 1).queries.offsets.size(), 0);
  EXPECT_FALSE(centre_points(copy, keys, 1).same);
  EXPECT_FALSE(centre_points(keys.view().slice(0, 10), keys, 1).same);
  const CentredPair pair = centre_points(Matrix<float>(0, 5), keys, 1);
  EXPECT_FALSE(pair.same);
  EXPECT_EQ(pair.of_queries().offsets.size(), 0);
}

TEST(CentredPoints, AreFiniteForAnyBandwidth) {
  Matrix<float> keys = normal_points(11, 5, 2);
  keys(3, 2) = std::numeric_limits<float>::max();
  keys(4, 2) = std::numeric_limits<float>::lowest();
  keys(5, 2) = std::numeric_limits<float>::denorm_min();
  for (const double bandwidth : {4.9e-324, 1e-300, 1e-40, 1e-10, 1e40, 1e300}) {
    const CentredPair pair = centre_points(keys, keys, bandwidth);
    for (Index i = 0; i < 11; ++i) EXPECT_TRUE(std::isfinite(pair.keys.offsets[i]));
    EXPECT_LE(log_kernel(pair, 3, 4), bandwidth < 1e30 ? -1e10 : 0);
    EXPECT_GT(log_kernel(pair, 3, 4), bandwidth > 1e45 ? -1e-6 : -1e38);
  }
  const Matrix<float> same(4, 5);
  for (const double bandwidth : {4.9e-324, 1e300})
    for (const float offset : centre_points(same, same, bandwidth).keys.offsets)
      EXPECT_EQ(offset, 0);
}

void expect_invalid(const std::string& message, MatrixView<const float> queries,
                    MatrixView<const float> keys, double bandwidth) {
  expect_error(ErrorCode::kInvalidArgument, "gaussian kernel: " + message,
               [&] { centre_points(queries, keys, bandwidth); });
}

TEST(CentredPoints, RefuseWhatHasNoKernel) {
  const Matrix<float> points(4, 3);
  expect_invalid("queries and keys must have equally many columns, got 2 and 3",
                 Matrix<float>(4, 2), points, 1);
  expect_invalid("points must have a column, got 0", Matrix<float>(4, 0), Matrix<float>(4, 0), 1);
  expect_invalid("there must be a key, got 0", points, Matrix<float>(0, 3), 1);
  expect_invalid("the bandwidth must be positive and finite, got 0", points, points, 0);
  expect_invalid("the bandwidth must be positive and finite, got -1", points, points, -1);
  expect_invalid("the bandwidth must be positive and finite, got inf", points, points,
                 std::numeric_limits<double>::infinity());
  expect_invalid("the bandwidth must be positive and finite, got nan", points, points,
                 std::numeric_limits<double>::quiet_NaN());
  Matrix<float> bad(4, 3);
  bad(2, 1) = std::numeric_limits<float>::quiet_NaN();
  expect_invalid(
      "queries must be finite, got nan in row 2, column 1 (drop the row or put a number)", bad,
      points, 1);
  bad(2, 1) = -std::numeric_limits<float>::infinity();
  expect_invalid("keys must be finite, got -inf in row 2, column 1 (drop the row or put a number)",
                 points, bad, 1);
}

}  // namespace
}  // namespace prodigest::kernel
