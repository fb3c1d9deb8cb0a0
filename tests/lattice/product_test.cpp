#include "prodigest/lattice/product.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "lattice/codes.hpp"

namespace prodigest::lattice {
namespace {

constexpr Index kRows = 200;

// Decoded columns without their means, in double.
Matrix<double> decoded(const LatticeCodes& codes) {
  LatticeParts parts = codes.parts();
  std::ranges::fill(parts.mean, 0.0);
  return dense_of(decode(LatticeCodes(std::move(parts))).view());
}

std::vector<double> norms_of_columns(const Matrix<double>& matrix) {
  std::vector<double> norms(static_cast<std::size_t>(matrix.cols));
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j)
      norms[static_cast<std::size_t>(j)] += matrix(i, j) * matrix(i, j);
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

// Entries agree up to `part` of the columns' lengths.
void expect_near(const Matrix<double>& got, const Matrix<double>& expected, const Matrix<double>& a,
                 const Matrix<double>& b, double part) {
  const std::vector<double> length_a = norms_of_columns(a), length_b = norms_of_columns(b);
  for (Index i = 0; i < got.rows; ++i)
    for (Index j = 0; j < got.cols; ++j)
      EXPECT_NEAR(
          got(i, j), expected(i, j),
          part * length_a[static_cast<std::size_t>(i)] * length_b[static_cast<std::size_t>(j)])
          << i << ", " << j;
}

class Product : public testing::TestWithParam<const char*> {
 protected:
  LatticeCodes coded(const Matrix<double>& a) const { return codes_of(a.view(), GetParam()); }
  Normals normals_{31};
  Matrix<double> a_ = normal_matrix(normals_, kRows, 9), b_ = normal_matrix(normals_, kRows, 5);
  LatticeSpec spec_ = spec_of(GetParam());
};
INSTANTIATE_TEST_SUITE_P(All, Product, testing::ValuesIn(kAllSpecs));

TEST_P(Product, IsThatOfTheDecodedColumns) {
  for (double& x : a_.storage) x += 2;
  for (double& x : b_.storage) x -= 1;
  const LatticeCodes a = coded(a_), b = coded(b_);
  const ProductEstimate w = estimate_product(a, b);
  Matrix<double> expected = exact_product(decoded(a), decoded(b));
  if (a.size() < kRows && a.spec().gain != coding::Gain::kMmse)
    for (double& x : expected.storage) x *= double{kRows} / static_cast<double>(a.size());
  if (spec_.centre)
    for (Index i = 0; i < expected.rows; ++i)
      for (Index j = 0; j < expected.cols; ++j)
        expected(i, j) += double{kRows} * a.parts().mean[static_cast<std::size_t>(i)] *
                          b.parts().mean[static_cast<std::size_t>(j)];
  expect_near(w.value, expected, a_, b_, 1e-5);
  EXPECT_EQ(w.standard_deviation.rows, 0);
  EXPECT_EQ(w.matched_rows, kRows);
  EXPECT_EQ(w.effective_rows, double{kRows});
  EXPECT_EQ(w.frobenius_error.blind, 0);
  EXPECT_EQ(w.frobenius_error.confidence, 0.95);
  EXPECT_LE(w.frobenius_error.estimated, w.frobenius_error.bound);
  EXPECT_LE(w.frobenius_error.bound, w.frobenius_error.apriori);
}

TEST_P(Product, OfTheOtherOrderIsTheTranspose) {
  LatticeSpec spec_b = spec_;
  spec_b.centre = false;
  const LatticeCodes a = coded(a_), b = encode_rows(b_.view(), spec_b);
  const ProductOptions options{.standard_deviations = true};
  const ProductEstimate ab = estimate_product(a, b, options), ba = estimate_product(b, a, options);
  EXPECT_NEAR(ab.frobenius_error.estimated, ba.frobenius_error.estimated,
              1e-9 * ab.frobenius_error.estimated);
  EXPECT_NEAR(ab.frobenius_error.apriori, ba.frobenius_error.apriori,
              1e-9 * ab.frobenius_error.apriori);
  for (Index i = 0; i < 9; ++i)
    for (Index j = 0; j < 5; ++j) {
      EXPECT_NEAR(ab.value(i, j), ba.value(j, i), 1e-9 * kRows);
      EXPECT_NEAR(ab.standard_deviation(i, j), ba.standard_deviation(j, i),
                  1e-9 * ab.standard_deviation(i, j));
    }
}

TEST_P(Product, HasTheSameBitsForAnyThreads) {
  const Matrix<double> a = normal_matrix(normals_, kRows, 150),
                       b = normal_matrix(normals_, kRows, 70);
  const LatticeCodes coded_a = coded(a), coded_b = coded(b);
  const ProductOptions options{.standard_deviations = true};
  const ProductEstimate w = estimate_product(coded_a, coded_b, options, {.threads = 1}),
                        g = gram(coded_a, options, {.threads = 1}),
                        one_sided = estimate_product(coded_a, b.view(), options, {.threads = 1});
  for (const int threads : {2, 7}) {
    const auto same = [](const ProductEstimate& got, const ProductEstimate& expected) {
      EXPECT_EQ(got.value, expected.value);
      EXPECT_EQ(got.standard_deviation, expected.standard_deviation);
      EXPECT_EQ(got.frobenius_error.estimated, expected.frobenius_error.estimated);
      EXPECT_EQ(got.frobenius_error.apriori, expected.frobenius_error.apriori);
    };
    same(estimate_product(coded_a, coded_b, options, {.threads = threads}), w);
    same(gram(coded_a, options, {.threads = threads}), g);
    same(estimate_product(coded_a, b.view(), options, {.threads = threads}), one_sided);
  }
}

TEST_P(Product, CodesAreTheSameIfMadeOfOneMatrixInOneWay) {
  EXPECT_TRUE(same_codes(coded(a_), coded(a_)));
  Matrix<double> other = a_;
  other(0, 0) += 1;
  EXPECT_FALSE(same_codes(coded(a_), coded(other)));
}

TEST_P(Product, OfOneObjectIsTheGramMatrixWithAnExactDiagonal) {
  for (double& x : a_.storage) x += 3;
  const LatticeCodes a = coded(a_);
  const ProductOptions options{.standard_deviations = true};
  const ProductEstimate w = estimate_product(a, a, options);
  EXPECT_EQ(w.value, gram(a, options).value);
  const Matrix<double> truth = exact_product(a_, a_);
  double trace = 0;
  for (Index i = 0; i < 9; ++i) {
    trace += w.value(i, i);
    EXPECT_LT(std::abs(w.value(i, i) - truth(i, i)), 3 * w.standard_deviation(i, i));
    if (a.size() < kRows) continue;
    EXPECT_NEAR(w.value(i, i) / truth(i, i), 1, 1e-4);
    EXPECT_LT(w.standard_deviation(i, i), 1e-4 * truth(i, i));
    for (Index j = 0; j < 9; ++j) {
      EXPECT_NEAR(w.value(i, j), w.value(j, i), 1e-12 * trace);
      EXPECT_NEAR(w.standard_deviation(i, j), w.standard_deviation(j, i), 1e-12 * trace);
    }
  }
  EXPECT_NEAR(a.squared_norm() / trace, 1, 1e-12);
}

TEST_P(Product, WithRowsAtHandIsNearThatOfTheirDecodedColumns) {
  for (double& x : b_.storage) x += 5;
  const LatticeCodes a = coded(a_);
  const CsrMatrix<double> sparse = csr_of(b_);
  const ProductEstimate w = estimate_product(a, b_.view());
  EXPECT_EQ(estimate_product(a, sparse.view()).value, w.value);
  if (a.size() < kRows) return;
  // A's columns as they are decoded, B's as they are; means aside, where A's are.
  Matrix<double> rest = b_;
  if (spec_.centre)
    for (Index j = 0; j < rest.cols; ++j) {
      double mean = 0;
      for (Index i = 0; i < kRows; ++i) mean += rest(i, j) / kRows;
      for (Index i = 0; i < kRows; ++i) rest(i, j) -= mean;
    }
  Matrix<double> expected = exact_product(decoded(a), rest);
  for (Index i = 0; i < expected.rows; ++i)
    for (Index j = 0; j < expected.cols && spec_.centre; ++j) {
      double sum = 0;
      for (Index r = 0; r < kRows; ++r) sum += b_(r, j);
      expected(i, j) += a.parts().mean[static_cast<std::size_t>(i)] * sum;
    }
  const bool rounded = spec_.rotation == Rotation::kHadamard;
  expect_near(w.value, expected, a_, rest, rounded ? 0.003 : 1e-6);
}

TEST_P(Product, ScalesByPowersOfTwoExactly) {
  const ProductOptions options{.standard_deviations = true};
  const ProductEstimate w = estimate_product(coded(a_), coded(b_), options);
  for (const auto& [power_a, power_b] : {std::pair(-60, 50), std::pair(40, -90)}) {
    Matrix<double> a = a_, b = b_;
    for (double& x : a.storage) x = std::ldexp(x, power_a);
    for (double& x : b.storage) x = std::ldexp(x, power_b);
    const ProductEstimate scaled = estimate_product(coded(a), coded(b), options);
    const double factor = std::ldexp(1.0, power_a + power_b);
    for (std::size_t i = 0; i < w.value.storage.size(); ++i) {
      EXPECT_EQ(scaled.value.storage[i], factor * w.value.storage[i]);
      EXPECT_EQ(scaled.standard_deviation.storage[i], factor * w.standard_deviation.storage[i]);
    }
    EXPECT_EQ(scaled.frobenius_error.bound, factor * w.frobenius_error.bound);
  }
}

TEST_P(Product, OfColumnsOfZerosIsZeroWithoutError) {
  Matrix<double> a = a_, b = b_;
  for (Index i = 0; i < kRows; ++i) a(i, 4) = b(i, 0) = 0;
  const ProductOptions options{.standard_deviations = true};
  const LatticeCodes coded_a = coded(a), coded_b = coded(b);
  for (const ProductEstimate& w :
       {estimate_product(coded_a, coded_b, options), estimate_product(coded_a, b.view(), options)})
    for (Index i = 0; i < 9; ++i)
      for (Index j = 0; j < 5; ++j) {
        if (i == 4 || j == 0) {
          EXPECT_EQ(w.value(i, j), 0);
        }
        EXPECT_EQ(w.standard_deviation(i, j) == 0, i == 4 || j == 0);
      }
  const Matrix<double> nothing(kRows, 2);
  const LatticeCodes zeros = coded(nothing);
  const ProductEstimate w = gram(zeros, options);
  EXPECT_EQ(w.value, Matrix<double>(2, 2));
  EXPECT_EQ(w.frobenius_error.apriori, 0);
  EXPECT_EQ(zeros.squared_norm(), 0);
}

TEST_P(Product, OfShortColumnsIsWhatItsDeviationsSay) {
  for (const Index rows : {1, 2, 7, 8, 9, 100}) {
    if (rows < spec_.size) continue;
    SCOPED_TRACE(rows);
    const Matrix<double> a = normal_matrix(normals_, rows, 60),
                         b = normal_matrix(normals_, rows, 50);
    const LatticeCodes coded_a = coded(a), coded_b = coded(b);
    const ProductEstimate w = estimate_product(coded_a, coded_b, {.standard_deviations = true});
    const Matrix<double> truth = exact_product(a, b);
    const double error = std::sqrt(squared_distance(w.value, truth));
    EXPECT_LE(error, w.frobenius_error.bound + 1e-5 * static_cast<double>(rows));
    // Two coordinates leave errors one direction to go; from some eight on they are as in theory.
    if (rows >= 8 && spec_.size == 0) {
      EXPECT_NEAR(w.frobenius_error.estimated / error, 1, 0.2);
    }
    for (const double deviation : w.standard_deviation.storage)
      EXPECT_TRUE(std::isfinite(deviation));
    EXPECT_NEAR(coded_a.squared_norm() / squared_norm(a), 1, coded_a.size() < rows ? 0.5 : 1e-4);
  }
}

// 140,000 products of 127 and 127 do not fit 32 bits.
TEST(LongColumns, AreMultipliedWithoutOverflow) {
  constexpr Index kLong = 140'000;
  Matrix<double> a(kLong, 2), b(kLong, 1);
  for (Index i = 0; i < kLong; ++i) {
    a(i, 0) = b(i, 0) = 3;
    a(i, 1) = i % 2 ? 1 : -1;
  }
  for (const char* options : {"format=I8,rotation=none,centre=no", "format=int2,gain=unbiased"}) {
    const ProductEstimate w =
        estimate_product(codes_of(a.view(), options), codes_of(b.view(), options));
    EXPECT_NEAR(w.value(0, 0), 9.0 * kLong, 1e-6 * kLong);
    EXPECT_EQ(w.value(1, 0), 0);
  }
}

// A product is a sum over all columns' codes, at any place in the panels.
TEST(ManyColumns, AreEachMultipliedAlone) {
  Normals normals(8);
  const Matrix<double> a = normal_matrix(normals, 64, 700), b = normal_matrix(normals, 64, 530);
  for (const char* options : {"format=F4", "format=lloyd4"}) {
    const LatticeCodes coded_a = codes_of(a.view(), options), coded_b = codes_of(b.view(), options);
    const Matrix<double> whole = estimate_product(coded_a, coded_b).value;
    for (const Index column : {Index{0}, Index{255}, Index{256}, Index{511}, Index{699}}) {
      const MatrixView<const double> one(a.storage.data() + column, 64, 1, 700);
      const Matrix<double> alone = estimate_product(codes_of(one, options), coded_b).value;
      for (Index j = 0; j < 530; ++j)
        EXPECT_NEAR(alone(0, j), whole(column, j), 1e-9) << column << ", " << j;
    }
  }
}

}  // namespace
}  // namespace prodigest::lattice
