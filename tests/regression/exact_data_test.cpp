// b = A x + x0 is recovered from the rows that both samples hold, whatever was sampled.

#include <gtest/gtest.h>

#include <cmath>

#include "prodigest/sampling/sample_rows.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

const std::vector<double> kX = {1.5, -2, 0, 0.25, 3, -1};

class ExactData : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Samples, ExactData,
                         testing::Values("", "weight=norm", "weight=uniform", "weight=leverage",
                                         "mixture=0.5", "weight=leverage,mixture=0.5", "threshold",
                                         "threshold,weight=uniform", "threshold,tau=plain"));

void expect_exact(const Regression& result, double constant, double tolerance) {
  ASSERT_EQ(result.coefficients.size(), kX.size());
  for (std::size_t j = 0; j < kX.size(); ++j)
    EXPECT_NEAR(result.coefficients[j].value, kX[j], tolerance) << j;
  EXPECT_EQ(result.ridge, 0);
  EXPECT_NEAR(result.r_squared.value_or(0), 1, 1e-9);
  EXPECT_NEAR(result.r_squared_low, 1, 1e-6);
  for (const Coefficient& coefficient : result.coefficients)
    EXPECT_LT(coefficient.standard_error, 1e-9);
  if (result.intercept) {
    EXPECT_NEAR(result.intercept->value, constant, tolerance);
  }
}

TEST_P(ExactData, IsRecoveredWithAndWithoutAConstant) {
  Normals normals(401);
  const Matrix<double> a = heavy_matrix(normals, 3000, 6);
  for (int seed = 1; seed <= 5; ++seed) {
    const std::string spec = with(GetParam(), 400, seed);
    expect_exact(regress(sample(a, spec), sample(target_of(a, kX, 12), spec)), 12, 1e-9);
    const Regression through_zero =
        regress(sample(a, spec), sample(target_of(a, kX), spec), {.intercept = false});
    expect_exact(through_zero, 0, 1e-9);
    EXPECT_FALSE(through_zero.intercept);
  }
}

TEST(ExactData, IsRecoveredFromSparseRowsAndFloats) {
  Normals normals(402);
  const Matrix<double> a = sparse_matrix(normals, 3000, 6, 0.2);
  const auto spec = sampling::parse_sample_spec("priority:size=300,mixture=0.5");
  const CsrMatrix<double> csr = csr_of(a);
  const auto b = sampling::sample_rows(target_of(a, kX, 3).view(), spec);
  expect_exact(regress(sampling::sample_rows(csr.view(), spec), b), 3, 1e-9);
  Matrix<double> rounded = a;  // multiples of 1/64 that float holds exactly
  for (double& x : rounded.storage) x = std::round(64 * x) / 64;
  const Matrix<float> single = converted<float>(rounded);
  expect_exact(regress(sampling::sample_rows(single.view(), spec),
                       sampling::sample_rows(target_of(rounded, kX, 3).view(), spec)),
               3, 1e-9);
}

// Columns that nearly say the same, far from 0 and of very different size.
TEST(ExactData, IsRecoveredFromIllConditionedColumns) {
  Normals normals(403);
  Matrix<double> a = normal_matrix(normals, 2000, 6);
  for (Index i = 0; i < a.rows; ++i) a(i, 1) = a(i, 0) + 1e-5 * a(i, 1);
  const std::string spec = with("weight=uniform", 300, 1);
  const Regression near = regress(sample(a, spec), sample(target_of(a, kX, 5), spec));
  for (std::size_t j = 0; j < 6; ++j) EXPECT_NEAR(near.coefficients[j].value, kX[j], 1e-9);

  a = normal_matrix(normals, 2000, 6);
  const double scales[] = {1, 1e6, 1e-6, 1e3, 1e-3, 1};
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < 6; ++j) a(i, j) = (a(i, j) + (j == 3 ? 1000 : 0)) * scales[j];
  std::vector<double> x = kX;
  for (std::size_t j = 0; j < 6; ++j) x[j] /= scales[j];
  const Regression scaled = regress(sample(a, spec), sample(target_of(a, x, 5), spec));
  EXPECT_EQ(scaled.rank, 6);
  for (std::size_t j = 0; j < 6; ++j)
    EXPECT_NEAR(scaled.coefficients[j].value * scales[j], kX[j], 1e-9);
  EXPECT_NEAR(scaled.intercept->value, 5, 1e-5);  // what the column at 1000 leaves of it
}

TEST(ExactData, OfCompleteSamplesIsRecoveredByEveryEstimator) {
  Normals normals(404);
  const Matrix<double> a = normal_matrix(normals, 200, 6), b = target_of(a, kX);
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram})
    expect_exact(regress(sample(a, "priority:size=200,totals=gram"), sample(b, "priority:size=200"),
                         {.estimator = estimator, .intercept = false}),
                 0, 1e-12);
}

}  // namespace
}  // namespace prodigest::regression
