// A design that few rows decide, where the ways of sampling part company: 20 normal columns and 5
// that are 30 in three rows and 0 elsewhere, 470 of 10,000 rows kept. The expected figures are
// means over 8 seeds of a prototype with another random stream and another draw of the same design.

#include <gtest/gtest.h>

#include <cmath>

#include "reference/monte_carlo.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

struct SpikyDesign : testing::Test {
  Normals normals{411};
  Matrix<double> a = spiky_matrix(normals, 10000, 20, 5);
  Matrix<double> b = target();
  double best = residual(a, b, exact_solution(a, b, 0, false));
  double size = std::sqrt(squared_norm(b));
  double fixed = 0.05 * squared_norm(a) / 25;

  Matrix<double> target() {
    std::vector<double> x;
    for (int j = 0; j < 20; ++j) x.push_back(0.8 * std::pow(-1, j));
    for (const double spike : {1.2, 1.68, 1.27, 1.65, -0.94}) x.push_back(spike);
    return target_of(a, x, 0, 1, &normals);
  }

  /// Mean of (||A x - b|| - the least) / ||b|| over samples.
  double excess(const std::string& of_a, const std::string& of_b, Estimator estimator,
                std::optional<double> ridge) {
    MeanOfTrials mean;
    for (int seed = 1; seed <= 30; ++seed) {
      const Regression result =
          regress(sample(a, with(of_a, 470, seed)), sample(b, with(of_b, 470, seed)),
                  {.estimator = estimator, .ridge = ridge, .intercept = false});
      mean.add((residual(a, b, values_of(result)) - best) / size);
    }
    return mean.mean();
  }
  void expect_about(double got, double expected) {
    EXPECT_GT(got, 0.75 * expected);
    EXPECT_LT(got, 1.33 * expected);
  }
};

TEST_F(SpikyDesign, WithoutARidge) {
  const double uniform = excess("weight=uniform", "weight=uniform", Estimator::kJoint, 0.0);
  const double single = excess("weight=leverage", "", Estimator::kSingle, 0.0);
  const double joint = excess("weight=leverage", "", Estimator::kJoint, 0.0);
  const double mixture =
      excess("weight=leverage,mixture=0.5", "mixture=0.5", Estimator::kJoint, 0.0);
  expect_about(uniform, 0.2142);
  expect_about(single, 0.0430);
  expect_about(joint, 0.0178);
  expect_about(mixture, 0.0072);
  expect_about(excess("weight=leverage,totals=gram", "", Estimator::kGram, 0.0), 0.0995);
}

TEST_F(SpikyDesign, WithAFixedRidge) {
  expect_about(excess("weight=uniform", "weight=uniform", Estimator::kJoint, fixed), 0.2151);
  expect_about(excess("weight=leverage", "", Estimator::kSingle, fixed), 0.0465);
  expect_about(excess("weight=leverage", "", Estimator::kJoint, fixed), 0.0239);
  expect_about(excess("weight=leverage,mixture=0.5", "mixture=0.5", Estimator::kJoint, fixed),
               0.0147);
}

// The chosen ridge loses nothing where none is needed.
TEST_F(SpikyDesign, WithTheRidgeThatIsChosen) {
  const double mixture =
      excess("weight=leverage,mixture=0.5", "mixture=0.5", Estimator::kJoint, {});
  const double joint = excess("weight=leverage", "", Estimator::kJoint, {});
  const double single = excess("weight=leverage", "", Estimator::kSingle, {});
  EXPECT_LT(mixture, 0.0072 * 1.33);
  EXPECT_LT(mixture, joint);
  EXPECT_LT(joint, single);
}

}  // namespace
}  // namespace prodigest::regression
