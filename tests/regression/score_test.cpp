// R² without the optimism of a fit judged on its own rows.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reference/monte_carlo.hpp"
#include "regression/gram_estimator.hpp"
#include "regression/matched_rows.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

constexpr int kSeeds = 200;
constexpr Index kRows = 5000, kCols = 16;

// Scores of many samples: their mean, how often the interval holds the truth, and the optimistic
// one.
struct Scores {
  MeanOfTrials raw, covered, plug_in, given;
  void add(const Score& score, double optimistic, double truth) {
    raw.add(score.raw);
    covered.add(score.low <= std::max(truth, 0.0) && truth <= score.high);
    plug_in.add(optimistic);
    given.add(score.value.has_value());
  }
};

double optimistic_score(const RowFit& fit) {
  double residual = 0, total = 0;
  for (std::size_t t = 0; t < fit.errors.size(); ++t) {
    residual += fit.shares[t] * fit.errors[t] * fit.errors[t];
    total += fit.shares[t] * fit.target[t] * fit.target[t];
  }
  return 1 - residual / total;
}

struct ScoreTest : testing::Test {
  Normals normals{431};
  Matrix<double> a = sparse_matrix(normals, kRows, kCols, 0.2);
  Matrix<double> dependent = target();
  Matrix<double> unrelated = normal_matrix(normals, kRows, 1);

  Matrix<double> target() {
    std::vector<double> x;
    for (Index j = 0; j < kCols; ++j) x.push_back(normals());
    return target_of(a, x, 1, 3, &normals);
  }

  Scores joint(const Matrix<double>& b, const std::string& weight, Index size) {
    // A sample says what rows like these would say, which is the adjusted R² of all of them.
    const double truth = 1 - (1 - exact_r_squared(a, b, true)) * (kRows - 1) / (kRows - 1 - kCols);
    Scores scores;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const auto left = sample(a, with(weight, size, seed)),
                 right = sample(b, with(weight, size, seed));
      WeightedRows rows = matched_rows(left, right, 0);
      rows.constant = std::vector<double>(rows.positions.size(), 1);
      const LeastSquares fitted = least_squares(rows, 0.0, {});
      scores.add(score_of(fitted.fit, fitted.solution.rank, 0.95), optimistic_score(fitted.fit),
                 truth);
    }
    EXPECT_LT(scores.raw.errors_from(truth), 3)
        << weight << ": " << scores.raw.mean() << " for " << truth;
    EXPECT_GT(scores.plug_in.errors_from(truth), 6) << weight;
    return scores;
  }
  Scores gram(const Matrix<double>& b, const std::string& weight, Index size,
              std::optional<double> ridge) {
    const double truth = exact_r_squared(a, b, false);
    Scores scores;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const auto left = sample(a, with(weight + ",totals=gram", size, seed)),
                 right = sample(b, with("", size, seed));
      const WeightedRows rows = matched_rows(left, right, 0);
      const GramSums sums = exact_sums(left, {});
      const GramFit fitted = gram_estimate(rows, sums, squared_norm(b), ridge, 0.95, {});
      const std::vector<double> x =
          gram_estimate(rows, sums, squared_norm(b), 0.0, 0.95, {}).solution.coefficients;
      double explained = 0;  // xᵀ G x = Wᵀ G⁺ W
      for (Index i = 0; i < kCols; ++i)
        for (Index j = 0; j < kCols; ++j) explained += x[i] * sums.gram(i, j) * x[j];
      scores.add(fitted.score, explained / squared_norm(b), truth);
    }
    EXPECT_LT(scores.raw.errors_from(truth), 3)
        << weight << ": " << scores.raw.mean() << " for " << truth;
    EXPECT_GT(scores.plug_in.errors_from(truth), 6) << weight;
    return scores;
  }
};

TEST_F(ScoreTest, OfTheJointFitIsFreeOfOptimismAndItsIntervalHolds) {
  for (const char* weight : {"weight=uniform", "mixture=0.5"}) {
    EXPECT_GT(joint(dependent, weight, 400).covered.mean(), 0.90) << weight;
    const Scores none = joint(unrelated, weight, 400);
    EXPECT_GT(none.covered.mean(), 0.90) << weight;
    EXPECT_LT(none.given.mean(), 0.6) << "most of them are no fit";
  }
}

TEST_F(ScoreTest, OfTheGramFitIsFreeOfBiasAndItsIntervalHolds) {
  for (const char* weight : {"weight=leverage", "weight=uniform"}) {
    EXPECT_GT(gram(dependent, weight, 200, 0.0).covered.mean(), 0.90) << weight;
    EXPECT_GT(gram(unrelated, weight, 200, {}).covered.mean(), 0.90) << weight;
  }
}

TEST_F(ScoreTest, OfEqualWeightsIsTheAdjustedRSquared) {
  Matrix<double> small(200, 2);
  for (Index i = 0; i < 200; ++i) {  // all leverages equal: a balanced design
    small(i, 0) = i % 2 == 0 ? 1 : -1;
    small(i, 1) = i / 2 % 2 == 0 ? 1 : -1;
  }
  const Matrix<double> b = target_of(small, std::vector<double>{1, -0.5}, 3, 2, &normals);
  const std::string all = "priority:size=200,weight=uniform";
  const Regression result = regress(sample(small, all), sample(b, all), {.ridge = 0});
  EXPECT_NEAR(*result.r_squared, 1 - (1 - exact_r_squared(small, b, true)) * 199 / 197, 1e-12);
  EXPECT_LT(result.r_squared_low, *result.r_squared);
  EXPECT_GT(result.r_squared_high, *result.r_squared);
  const Regression sure =
      regress(sample(small, all), sample(b, all), {.ridge = 0, .confidence = 0.5});
  EXPECT_NEAR((*sure.r_squared - sure.r_squared_low) / (*result.r_squared - result.r_squared_low),
              0.6744897501960817 / 1.959963984540054, 1e-9);
}

TEST_F(ScoreTest, IsNothingRatherThanNegative) {
  int refused = 0;
  for (int seed = 1; seed <= 40; ++seed) {
    const Regression result =
        regress(sample(a, with("weight=uniform", 100, seed)),
                sample(unrelated, with("weight=uniform", 100, seed)), {.ridge = 0});
    EXPECT_EQ(result.r_squared_low, 0);
    if (result.r_squared) {
      EXPECT_GT(*result.r_squared, 0);
      EXPECT_LT(*result.r_squared, 0.3);
    } else {
      ++refused;
      EXPECT_EQ(message_of(result, Warning::Kind::kNoFit),
                "the columns do not predict the target: R² is not above 0");
    }
  }
  EXPECT_GT(refused, 15);
}

// With about as many rows as columns a fit proves nothing, and says so.
TEST_F(ScoreTest, SaysLittleAfterFewDegreesOfFreedom) {
  MeanOfTrials covered;
  const double truth = exact_r_squared(a, dependent, true);
  for (int seed = 1; seed <= 100; ++seed) {
    const Regression result =
        regress(sample(a, with("weight=uniform", 22, seed)),
                sample(dependent, with("weight=uniform", 22, seed)), {.ridge = 0});
    covered.add(result.r_squared_low <= truth && truth <= result.r_squared_high);
  }
  EXPECT_GT(covered.mean(), 0.75);
}

}  // namespace
}  // namespace prodigest::regression
