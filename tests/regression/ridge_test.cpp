// The penalty: given as in scikit-learn, or chosen by leave-one-out.

#include <gtest/gtest.h>

#include <cmath>

#include "reference/monte_carlo.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

constexpr char kAll[] = "priority:size=1000,totals=gram,weight=uniform";

struct Ridge : testing::Test {
  Normals normals{421};
  Matrix<double> a = matrix();
  Matrix<double> b = target_of(a, std::vector<double>{1, -2, 3, 0.5}, 40, 2, &normals);

  Matrix<double> matrix() {
    Matrix<double> m = normal_matrix(normals, 300, 4);
    for (Index i = 0; i < m.rows; ++i) {
      m(i, 1) = 100 * m(i, 1) + 1000;
      m(i, 2) = 0.01 * m(i, 2);
    }
    return m;
  }
};

// Ridge(alpha, fit_intercept).fit(A, b) minimises the same sum.
TEST_F(Ridge, OnCompleteSamplesIsThatOfTheWholeMatrices) {
  for (const double alpha : {0.0, 1e-8, 0.1, 10.0, 1e5})
    for (const bool intercept : {false, true}) {
      SCOPED_TRACE(alpha);
      const std::vector<double> exact = exact_solution(a, b, alpha, intercept);
      const Regression result =
          regress(sample(a, kAll), sample(b, kAll), {.ridge = alpha, .intercept = intercept});
      for (std::size_t j = 0; j < 4; ++j)
        EXPECT_NEAR(result.coefficients[j].value, exact[j], 1e-10 * std::abs(exact[j]));
      if (intercept) {
        EXPECT_NEAR(result.intercept->value, exact[4], 1e-9 * std::abs(exact[4]));
      }
      EXPECT_EQ(result.ridge, alpha);
      EXPECT_FALSE(result.scaled_ridge);
      EXPECT_EQ(result.rank, 4);
      if (intercept) continue;
      for (const Estimator estimator : {Estimator::kSingle, Estimator::kGram}) {
        const Regression sums =
            regress(sample(a, kAll), sample(b, kAll),
                    {.estimator = estimator, .ridge = alpha, .intercept = false});
        for (std::size_t j = 0; j < 4; ++j)
          EXPECT_NEAR(sums.coefficients[j].value, exact[j], 1e-9 * std::abs(exact[j]));
      }
    }
}

// Weights 1/p make sums over the sample estimates of whole sums, so one alpha means one thing.
TEST_F(Ridge, MeansTheSameForASampleAsForTheWhole) {
  const Matrix<double> wide = normal_matrix(normals, 20000, 3);
  const Matrix<double> y = target_of(wide, std::vector<double>{1, 2, -1});
  const std::vector<double> exact = exact_solution(wide, y, 20000, false);  // half of each
  EXPECT_NEAR(exact[0], 0.5, 0.01);
  for (const char* weight : {"weight=uniform", "", "mixture=0.5"}) {
    const Regression result =
        regress(sample(wide, with(weight, 2000, 1)), sample(y, with(weight, 2000, 1)),
                {.ridge = 20000, .intercept = false});
    for (std::size_t j = 0; j < 3; ++j)
      EXPECT_NEAR(result.coefficients[j].value, exact[j], 0.06) << weight;
  }
}

TEST_F(Ridge, ChosenDoesNotDependOnUnits) {
  const std::string spec = "priority:size=60,weight=uniform";
  const Regression before = regress(sample(a, spec), sample(b, spec));
  Matrix<double> other = a;
  const double units[] = {1024, 0.125, 4096, 1};
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < 4; ++j) other(i, j) *= units[j];
  const Regression after = regress(sample(other, spec), sample(b, spec));
  EXPECT_TRUE(before.scaled_ridge);
  EXPECT_EQ(before.ridge, after.ridge);
  for (std::size_t j = 0; j < 4; ++j)
    EXPECT_NEAR(after.coefficients[j].value * units[j], before.coefficients[j].value,
                1e-9 * std::abs(before.coefficients[j].value));
}

// Few rows a column: what is the error of the fit on all rows, against doing nothing?
struct FewRows : testing::Test {
  static constexpr Index kCols = 60;
  Normals normals{422};
  Matrix<double> a = correlated();
  Matrix<double> b = target();

  Matrix<double> correlated() {  // columns share a few directions, as words and prices do
    const Matrix<double> factors = normal_matrix(normals, 4000, 8),
                         loadings = normal_matrix(normals, 8, kCols);
    Matrix<double> m = normal_matrix(normals, 4000, kCols);
    for (Index i = 0; i < m.rows; ++i)
      for (Index j = 0; j < kCols; ++j)
        for (Index f = 0; f < 8; ++f) m(i, j) += factors(i, f) * loadings(f, j);
    return m;
  }
  Matrix<double> target() {
    std::vector<double> x;
    for (Index j = 0; j < kCols; ++j) x.push_back(normals() / 8);
    return target_of(a, x, 5, 3, &normals);
  }
  /// Mean squared error on all rows, relative to that of the mean.
  double relative_error(Index size, std::optional<double> ridge,
                        Estimator estimator = Estimator::kJoint) {
    MeanOfTrials mean;
    double b_mean = 0;
    for (const double y : b.storage) b_mean += y / 4000;
    const double nothing = residual(Matrix<double>(4000, 0), b, {}, b_mean);
    for (int seed = 1; seed <= 20; ++seed) {
      const std::string spec = with("weight=uniform,totals=gram", size, seed);
      const Regression result =
          regress(sample(a, spec), sample(b, spec), {.estimator = estimator, .ridge = ridge});
      const double error =
          residual(a, b, values_of(result), result.intercept ? result.intercept->value : 0);
      mean.add(std::pow(error / nothing, 2));
    }
    return mean.mean();
  }
};

TEST_F(FewRows, ChosenRidgeBeatsNoRidgeAndNoFit) {
  const double floor = 1 - exact_r_squared(a, b, true);
  for (const Index size : {30, 61, 70, 90, 120}) {
    const double chosen = relative_error(size, {}), none = relative_error(size, 0.0);
    EXPECT_LT(chosen, 0.75) << size;
    EXPECT_LT(chosen, 0.9 * none) << size;
    EXPECT_GT(chosen, floor) << size;
  }
  // With many rows the choice costs nothing.
  EXPECT_LT(relative_error(2000, {}), 1.005 * relative_error(2000, 0.0));
}

// There the choice rests on an unbiased estimate of the loss: the Gram matrix is known, W is noisy.
TEST_F(FewRows, ChosenRidgeOfSumsBeatsNoRidgeAndNoFit) {
  double mean = 0;
  for (const double y : b.storage) mean += y / 4000;
  for (double& y : b.storage) y -= mean;  // there is no column of ones
  for (const Index size : {60, 120, 400}) {
    const double chosen = relative_error(size, {}, Estimator::kGram),
                 none = relative_error(size, 0.0, Estimator::kGram);
    EXPECT_LT(chosen, 0.75) << size;
    EXPECT_LT(chosen, 0.9 * none) << size;
  }
  std::printf("single %g %g; %g %g\n", relative_error(120, {}, Estimator::kSingle),
              relative_error(120, 0.0, Estimator::kSingle),
              relative_error(400, {}, Estimator::kSingle),
              relative_error(400, 0.0, Estimator::kSingle));
  EXPECT_LT(relative_error(120, {}, Estimator::kSingle),
            0.7 * relative_error(120, 0.0, Estimator::kSingle));
}

TEST_F(FewRows, ChosenRidgeShrinksAnUnrelatedTargetToNothing) {
  for (double& y : b.storage) y = normals();
  EXPECT_LT(relative_error(70, {}), 1.1);
  EXPECT_GT(relative_error(70, 0.0), 3);
}

}  // namespace
}  // namespace prodigest::regression
