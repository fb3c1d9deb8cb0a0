// A column of ones called "present" carries the constant where rows cannot be centred.

#include <gtest/gtest.h>

#include <cmath>

#include "prodigest/linear/sketch_rows.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

const Schema kColumns{.columns = {"x", "present", "y"}};
constexpr char kAll[] = "priority:size=1000,weight=uniform,totals=gram";

struct Present : testing::Test {
  Normals normals{471};
  Matrix<double> plain = normal_matrix(normals, 400, 2);
  Matrix<double> a = with_ones();
  Matrix<double> b = target_of(plain, std::vector<double>{2, -3}, 10, 1, &normals);
  std::vector<double> exact = exact_solution(plain, b, 0, true);

  Matrix<double> with_ones() {
    Matrix<double> m(400, 3);
    for (Index i = 0; i < 400; ++i) {
      plain(i, 1) += 4;
      m(i, 0) = plain(i, 0);
      m(i, 1) = 1;
      m(i, 2) = plain(i, 1);
    }
    return m;
  }
  void expect_exact(const Regression& result, double tolerance) {
    ASSERT_EQ(result.coefficients.size(), 2u);
    EXPECT_EQ(result.coefficients[0].name, "x");
    EXPECT_EQ(result.coefficients[1].name, "y");
    EXPECT_NEAR(result.coefficients[0].value, exact[0], tolerance);
    EXPECT_NEAR(result.coefficients[1].value, exact[1], tolerance);
    ASSERT_TRUE(result.intercept);
    EXPECT_NEAR(result.intercept->value, exact[2], 5 * tolerance);
    EXPECT_EQ(result.rank, 2);
    EXPECT_FALSE(warned(result, Warning::Kind::kRankDeficient));
  }
};

TEST_F(Present, IsTheConstantOfEveryEstimator) {
  const double r_squared = exact_r_squared(plain, b, true);
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
    const Regression result =
        regress(sample(a, kAll, kColumns), sample(b, kAll), {.estimator = estimator, .ridge = 0});
    expect_exact(result, 1e-10);
    EXPECT_NEAR(*result.r_squared, r_squared, 1e-3);  // adjusted or not
  }
  // The constant is free of the penalty.
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
    const std::vector<double> penalised = exact_solution(plain, b, 100, true);
    const Regression result =
        regress(sample(a, kAll, kColumns), sample(b, kAll), {.estimator = estimator, .ridge = 100});
    EXPECT_NEAR(result.coefficients[1].value, penalised[1], 1e-10);
    EXPECT_NEAR(result.intercept->value, penalised[2], 1e-9);
  }
}

TEST_F(Present, IsTheConstantOfLinearSketches) {
  const auto spec = linear::parse_linear_spec("countsketch:size=300,seed=5");
  const auto left = linear::sketch_rows(a.view(), spec, {}, kColumns),
             right = linear::sketch_rows(b.view(), spec);
  expect_exact(regress(left, right, {.ridge = 0}), 0.2);
  const Matrix<double> noiseless = target_of(plain, std::vector<double>{2, -3}, 10);
  exact = {2, -3, 10};
  for (const char* text : {"countsketch:size=50", "gaussian:size=50", "sign:size=50",
                           "osnap:size=64", "srht:size=50"}) {
    const auto method = linear::parse_linear_spec(text);
    const Regression result = regress(linear::sketch_rows(a.view(), method, {}, kColumns),
                                      linear::sketch_rows(noiseless.view(), method));
    SCOPED_TRACE(text);
    expect_exact(result, 1e-9);
    EXPECT_EQ(result.estimator, Estimator::kSketch);
    EXPECT_NEAR(*result.r_squared, 1, 1e-9);
  }
}

TEST_F(Present, IsAnOrdinaryColumnWithoutAConstantOrIfItIsNotOne) {
  const Regression without =
      regress(sample(a, kAll, kColumns), sample(b, kAll), {.ridge = 0, .intercept = false});
  ASSERT_EQ(without.coefficients.size(), 3u);
  EXPECT_EQ(without.coefficients[1].name, "present");
  EXPECT_NEAR(without.coefficients[1].value, exact[2], 1e-9);

  for (Index i = 0; i < 400; i += 2) a(i, 1) = 0;  // who was there
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
    const Regression result =
        regress(sample(a, kAll, kColumns), sample(b, kAll), {.estimator = estimator, .ridge = 0});
    EXPECT_EQ(result.coefficients.size(), 3u);
    EXPECT_EQ(result.intercept.has_value(), estimator == Estimator::kJoint);
  }
}

TEST_F(Present, IsNotTheTarget) {
  Matrix<double> both(400, 2);
  for (Index i = 0; i < 400; ++i) {
    both(i, 0) = 1;
    both(i, 1) = b(i, 0);
  }
  const Regression result =
      regress(sample(a, kAll, kColumns), sample(both, kAll, {.columns = {"present", "price"}}),
              {.ridge = 0});
  EXPECT_EQ(result.target, "price");
  expect_exact(result, 1e-10);
}

TEST_F(Present, LeavesNothingElse) {
  Matrix<double> ones(400, 1);
  for (double& x : ones.storage) x = 1;
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
    const Regression result = regress(sample(ones, kAll, {.columns = {"present"}}), sample(b, kAll),
                                      {.estimator = estimator});
    EXPECT_TRUE(result.coefficients.empty());
    double mean = 0;
    for (const double y : b.storage) mean += y / 400;
    EXPECT_NEAR(result.intercept->value, mean, 1e-12);
    EXPECT_FALSE(result.r_squared);
  }
}

}  // namespace
}  // namespace prodigest::regression
