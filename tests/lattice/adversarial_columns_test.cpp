// Columns made to break an encoder: nothing wraps, nothing is lost, and errors stay what they are
// said to be.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "lattice/codes.hpp"
#include "lattice/inputs.hpp"
#include "prodigest/lattice/product.hpp"

namespace prodigest::lattice {
namespace {

constexpr Index kRows = 1024, kCols = 24;

Matrix<double> matrix_of(const std::function<double(Index i, Index j)>& entry) {
  Matrix<double> matrix(kRows, kCols);
  for (Index i = 0; i < kRows; ++i)
    for (Index j = 0; j < kCols; ++j) matrix(i, j) = entry(i, j);
  return matrix;
}

double hadamard_entry(Index i, Index j) {
  return std::popcount(static_cast<std::uint64_t>(i & j)) % 2 ? -1 : 1;
}

// ||x̂ - x||² / ||x||² of the centred columns, the largest.
double largest_error(const Matrix<double>& a, const Matrix<float>& decoded) {
  double largest = 0;
  for (Index j = 0; j < a.cols; ++j) {
    double mean = 0, error = 0, norm = 0;
    for (Index i = 0; i < a.rows; ++i) mean += a(i, j) / static_cast<double>(a.rows);
    for (Index i = 0; i < a.rows; ++i) {
      const double off = decoded(i, j) - a(i, j);
      error += off * off;
      norm += (a(i, j) - mean) * (a(i, j) - mean);
    }
    largest = std::max(largest, error / norm);
  }
  return largest;
}

class Adversarial : public testing::TestWithParam<const char*> {
 protected:
  // Twice the noise of normal columns; few rows leave it some freedom.
  double tolerance() const {
    const std::string spec = GetParam();
    return spec == "format=F2" ? 0.25 : spec == "format=F3" ? 0.04 : 0.012;
  }
  void expect_ordinary_error(const Matrix<double>& a) {
    EXPECT_LT(largest_error(a, decode(codes_of(a.view(), GetParam()))), tolerance());
  }
  Normals normals_{77};
};
INSTANTIATE_TEST_SUITE_P(Formats, Adversarial,
                         testing::Values("format=F4", "format=F4pair", "format=F4fast", "format=F3",
                                         "format=F2"));

TEST_P(Adversarial, OneHotColumns) {
  expect_ordinary_error(matrix_of([](Index i, Index j) { return i == 37 * j ? 1.0 : 0.0; }));
}

TEST_P(Adversarial, OneEntryAMillionTimesTheOthers) {
  Matrix<double> a = normal_matrix(normals_, kRows, kCols);
  for (Index j = 0; j < kCols; ++j) a(3 * j, j) = 1e6;
  expect_ordinary_error(a);
}

// Rows of a Hadamard matrix: a transform without random signs makes a single spike of each.
TEST_P(Adversarial, RowsOfHadamardMatrices) {
  expect_ordinary_error(matrix_of([](Index i, Index j) { return hadamard_entry(i, j + 1); }));
}

TEST_P(Adversarial, MeansAThousandTimesTheSpread) {
  Matrix<double> a = normal_matrix(normals_, kRows, kCols),
                 b = normal_matrix(normals_, kRows, kCols);
  for (Matrix<double>* matrix : {&a, &b})
    for (double& x : matrix->storage) x += 1e3;
  const LatticeCodes coded_a = codes_of(a.view(), GetParam()),
                     coded_b = codes_of(b.view(), GetParam());
  EXPECT_LT(distortion(estimate_product(coded_a, coded_b), {"", a, b}), 3 * tolerance());
  // Floats can hold no more of a mean of 1e6; the means are kept in double, so neither do they lose
  // more.
  for (double& x : a.storage) x += 1e6;
  EXPECT_LT(distortion(estimate_product(codes_of(a.view(), GetParam()), coded_b), {"", a, b}),
            3 * tolerance());
}

TEST_P(Adversarial, ConstantColumnsAreExact) {
  for (const double value : {0.0, 1.0, -0.1, 1e18, 5e-324}) {
    const Matrix<double> a = matrix_of([&](Index, Index) { return value; });
    const LatticeCodes codes = codes_of(a.view(), GetParam());
    for (const float scale : codes.parts().scale) EXPECT_EQ(scale, 0);
    for (const double mean : codes.parts().mean) EXPECT_EQ(mean, value);
    const ProductEstimate w = gram(codes);
    for (const double x : w.value.storage) EXPECT_EQ(x, value * value * kRows);
    EXPECT_EQ(w.frobenius_error.apriori, 0);
  }
}

// 8 sigma and more: a value is drawn in, it never wraps around to the other sign.
TEST_P(Adversarial, LargeEntriesSaturate) {
  const std::string options = GetParam() + std::string(",rotation=none,centre=no");
  for (const double size : {5.0, 10.0, 1000.0}) {
    Matrix<double> a = matrix_of([&](Index i, Index j) {
      const double x = normals_();
      return i % 100 == j ? (j % 2 ? size : -size) : x;
    });
    const Matrix<float> decoded = decode(codes_of(a.view(), options));
    double shrunk = 0;
    for (Index j = 0; j < kCols; ++j)
      for (Index i = j; i < kRows; i += 100) {
        EXPECT_GT(decoded(i, j) * a(i, j), 0) << i << ", " << j;
        shrunk = std::max(shrunk, std::abs(decoded(i, j) / a(i, j)));
      }
    EXPECT_LT(shrunk, 1.6);
  }
}

// Down to the smallest doubles that floats can scale; below, a column is as good as its mean.
TEST_P(Adversarial, TinyColumns) {
  const Matrix<double> a = normal_matrix(normals_, kRows, kCols);
  for (const int exponent : {-100, -110, -126}) {
    Matrix<double> tiny = a;
    for (double& x : tiny.storage) x = std::ldexp(x, exponent);
    Matrix<float> decoded = decode(codes_of(tiny.view(), GetParam()));
    Matrix<double> back(kRows, kCols);
    for (std::size_t i = 0; i < back.storage.size(); ++i)
      back.storage[i] = std::ldexp(static_cast<double>(decoded.storage[i]), -exponent);
    EXPECT_LT(largest_error(a, converted<float>(back)), 1.2 * tolerance()) << exponent;
  }
  for (const double smallest : {5e-324, 1e-310, 1e-45, 1e-40}) {
    Matrix<double> tiny = a;
    for (double& x : tiny.storage) x = x > 0 ? smallest : -smallest;
    const LatticeCodes codes = codes_of(tiny.view(), GetParam());
    const Matrix<float> decoded = decode(codes);
    // A scale is off by half the smallest float at most, and it is multiplied by up to 127.
    for (std::size_t i = 0; i < tiny.storage.size(); ++i)
      ASSERT_NEAR(decoded.storage[i], tiny.storage[i],
                  2 * smallest + 128 * double{std::numeric_limits<float>::denorm_min()});
    const ProductEstimate w = estimate_product(codes, a.view());
    for (const double x : w.value.storage) ASSERT_TRUE(std::isfinite(x));
  }
}

}  // namespace
}  // namespace prodigest::lattice
