// Standard errors against the scatter of coefficients over samples.

#include <gtest/gtest.h>

#include <cmath>

#include "reference/monte_carlo.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

constexpr Index kRows = 5000, kCols = 4;
constexpr int kSeeds = 300;

struct StandardErrors : testing::Test {
  Normals normals{441};
  Matrix<double> a = matrix();
  Matrix<double> b = target();

  Matrix<double> matrix() {
    Matrix<double> m = normal_matrix(normals, kRows, kCols);
    for (Index i = 0; i < kRows; ++i) {
      m(i, 1) = m(i, 0) + 0.5 * m(i, 1);
      m(i, 2) = std::exp(m(i, 2));
      m(i, 3) += 20;
    }
    return m;
  }
  Matrix<double> target() {  // the noise is larger where the third column is
    Matrix<double> y = target_of(a, std::vector<double>{1, -1, 0.5, 2}, 7);
    for (Index i = 0; i < kRows; ++i) y(i, 0) += (0.5 + a(i, 2)) * normals();
    return y;
  }

  /// Root mean square of (estimate - truth) / standard error, over seeds, for x and then x0.
  std::vector<double> deviations(const std::string& of_a, const std::string& of_b, Index size,
                                 const RegressionOptions& options) {
    const std::vector<double> truth = exact_solution(a, b, 0, options.intercept);
    std::vector<double> squares(kCols + 1);
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const Regression result =
          regress(sample(a, with(of_a, size, seed)), sample(b, with(of_b, size, seed)), options);
      for (std::size_t j = 0; j < kCols; ++j) {
        const Coefficient& x = result.coefficients[j];
        squares[j] += std::pow((x.value - truth[j]) / x.standard_error, 2) / kSeeds;
      }
      if (options.intercept)
        squares[kCols] +=
            std::pow((result.intercept->value - truth[kCols]) / result.intercept->standard_error,
                     2) /
            kSeeds;
      else
        squares[kCols] = 1;
    }
    for (double& square : squares) square = std::sqrt(square);
    return squares;
  }
  void expect_near_one(const std::vector<double>& deviations) {
    for (const double rms : deviations) {
      EXPECT_GT(rms, 0.87);
      EXPECT_LT(rms, 1.15);
    }
  }
};

TEST_F(StandardErrors, OfTheJointFitAreTheScatterUnderUnequalNoiseAndWeights) {
  expect_near_one(deviations("weight=uniform", "weight=uniform", 400, {.ridge = 0}));
  expect_near_one(deviations("mixture=0.5", "mixture=0.5", 400, {.ridge = 0}));
  expect_near_one(deviations("threshold,weight=norm", "threshold,weight=norm", 400, {.ridge = 0}));
  expect_near_one(
      deviations("weight=uniform", "weight=uniform", 400, {.ridge = 0, .intercept = false}));
}

TEST_F(StandardErrors, OfTheGramFitAreTheScatter) {
  expect_near_one(deviations("weight=leverage,totals=gram", "", 400,
                             {.estimator = Estimator::kGram, .ridge = 0, .intercept = false}));
}

// HC3 of ordinary least squares, from its definition.
TEST(StandardErrorsOfAll, AreThoseOfTheTextbook) {
  Matrix<double> a(5, 1);
  a.storage = {1, 2, 3, 5, 9};
  Matrix<double> b(5, 1);
  b.storage = {2, 1, 4, 4, 11};
  const std::string all = "priority:size=5,weight=uniform";
  const Regression result = regress(sample(a, all), sample(b, all), {.ridge = 0});
  const double slope = 47.0 / 40, constant = 4.4 - 4 * slope;
  EXPECT_NEAR(result.coefficients[0].value, slope, 1e-14);
  double on_slope = 0, on_constant = 0;
  for (Index i = 0; i < 5; ++i) {
    const double deviation = a(i, 0) - 4, leverage = 0.2 + deviation * deviation / 40;
    const double error = (b(i, 0) - constant - slope * a(i, 0)) / (1 - leverage);
    on_slope += std::pow(error * deviation / 40, 2);
    on_constant += std::pow(error * (0.2 - 4 * deviation / 40), 2);
  }
  EXPECT_NEAR(result.coefficients[0].standard_error, std::sqrt(on_slope), 1e-14);
  EXPECT_NEAR(result.intercept->standard_error, std::sqrt(on_constant), 1e-14);
}

}  // namespace
}  // namespace prodigest::regression
