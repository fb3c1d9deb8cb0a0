// Regression on samples whose values are coded.

#include <gtest/gtest.h>

#include <cmath>

#include "reference/monte_carlo.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

// F2 errs by a third of a row's length, so that it shows.
std::string coded(const std::string& spec, int seed) {
  return spec + ",values=lattice:F2,seed=" + std::to_string(seed);
}
constexpr char kAll[] = "priority:size=100000,weight=uniform,totals=gram";

// Errors in the columns pull coefficients towards 0; with the exact Gram matrix they do not.
TEST(CodedValues, ShrinkCoefficientsUnlessTheGramMatrixIsExact) {
  Normals normals(501);
  const Matrix<double> a = normal_matrix(normals, 2000, 8);
  const std::vector<double> x = {1, -1, 1, -1, 1, -1, 1, -1};
  const Matrix<double> b = target_of(a, x);
  MeanOfTrials joint, gram;
  for (int seed = 0; seed < 40; ++seed) {
    const auto fit = [&](Estimator estimator) {
      const Regression result = regress(sample(a, coded(kAll, seed)), sample(b, coded(kAll, seed)),
                                        {.estimator = estimator, .ridge = 0, .intercept = false});
      EXPECT_TRUE(warned(result, Warning::Kind::kCodedValues));
      EXPECT_NE(message_of(result, Warning::Kind::kCodedValues).find("coded as F2"),
                std::string::npos);
      double sum = 0;
      for (std::size_t j = 0; j < x.size(); ++j) sum += values_of(result)[j] * x[j];
      return sum / 8;
    };
    joint.add(fit(Estimator::kJoint));
    gram.add(fit(Estimator::kGram));
  }
  EXPECT_LT(gram.errors_from(1), 4);
  EXPECT_LT(gram.standard_error(), 0.01);
  // entries of mean square 1, errors of about .08
  EXPECT_NEAR(joint.mean(), 0.93, 0.02);
}

TEST(CodedValues, KnowTheColumnOfOnesThatAReaderAdded) {
  Normals normals(502);
  Matrix<double> a = normal_matrix(normals, 400, 3);
  for (Index i = 0; i < a.rows; ++i) a(i, 0) = 1;
  const Matrix<double> b = target_of(a, std::vector<double>{10, 2, -3});
  const Schema schema{.columns = {"present", "x", "y"}, .presence = true};
  const auto spec = [](const char* values) {
    return std::string("priority:size=1000,weight=uniform,values=lattice:") + values;
  };
  const Regression result =
      regress(sample(a, spec("I8"), schema), sample(b, spec("I8")), {.ridge = 0});
  ASSERT_EQ(result.coefficients.size(), 2u);
  EXPECT_NEAR(result.coefficients[0].value, 2, 0.01);
  EXPECT_NEAR(result.coefficients[1].value, -3, 0.01);
  ASSERT_TRUE(result.intercept);
  EXPECT_NEAR(result.intercept->value, 10, 0.01);
}

TEST(CodedValues, OfTheTargetAloneNeedNoWarning) {
  Normals normals(503);
  const Matrix<double> a = normal_matrix(normals, 100, 2);
  const Matrix<double> b = target_of(a, std::vector<double>{2, -3});
  const Regression result = regress(sample(a, kAll), sample(b, coded(kAll, 0)), {.ridge = 0});
  EXPECT_FALSE(warned(result, Warning::Kind::kCodedValues));
  EXPECT_NEAR(result.coefficients[0].value, 2, 1e-9);  // a column is coded exactly
}

}  // namespace
}  // namespace prodigest::regression
