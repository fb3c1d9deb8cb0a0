// Fewer rows than columns, columns that say nothing or the same, no rows at all: a result with a
// warning, never an exception.

#include <gtest/gtest.h>

#include <cmath>

#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

using Kind = Warning::Kind;

constexpr char kAll[] = "priority:size=1000,weight=uniform,totals=gram";

Regression regress_all(const Matrix<double>& a, const Matrix<double>& b,
                       const RegressionOptions& options = {}) {
  return regress(sample(a, kAll), sample(b, kAll), options);
}

void expect_finite(const Regression& result) {
  for (const Coefficient& coefficient : result.coefficients)
    EXPECT_TRUE(std::isfinite(coefficient.value));
  if (result.intercept) {
    EXPECT_TRUE(std::isfinite(result.intercept->value));
  }
  EXPECT_GE(result.r_squared_low, 0);
  EXPECT_LE(result.r_squared_low, result.r_squared.value_or(1));
  EXPECT_LE(result.r_squared.value_or(0), result.r_squared_high);
  EXPECT_LE(result.r_squared_high, 1);
}

struct Degenerate : testing::Test {
  Normals normals{451};
  Matrix<double> a = normal_matrix(normals, 100, 3);
  Matrix<double> b = target_of(a, std::vector<double>{1, 2, -1}, 5, 0.1, &normals);
};

TEST_F(Degenerate, NothingToWarnOf) {
  const Regression result = regress_all(a, b);
  EXPECT_TRUE(result.warnings.empty());
  EXPECT_EQ(result.rank, 3);
  EXPECT_EQ(result.matched_rows, 100);
  EXPECT_EQ(result.effective_rows, 100);
  EXPECT_EQ(result.join_rows, 100);
  EXPECT_EQ(result.estimator, Estimator::kJoint);
  EXPECT_EQ(result.target, "0");
  EXPECT_EQ(result.coefficients[2].name, "2");
}

TEST_F(Degenerate, TwoEqualColumnsShareTheirCoefficient) {
  for (Index i = 0; i < 100; ++i) a(i, 1) = a(i, 0);
  b = target_of(a, std::vector<double>{3, 0, -1}, 5);
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
    const Regression result = regress_all(
        a, estimator == Estimator::kJoint ? b : target_of(a, std::vector<double>{3, 0, -1}),
        {.estimator = estimator});
    EXPECT_EQ(result.rank, 2);
    EXPECT_EQ(message_of(result, Kind::kRankDeficient),
              "the 3 columns have rank 2: some are constant or depend on others, and their "
              "coefficients are not unique");
    EXPECT_NEAR(result.coefficients[0].value, 1.5, 1e-9);
    EXPECT_NEAR(result.coefficients[1].value, 1.5, 1e-9);
    EXPECT_NEAR(result.coefficients[2].value, -1, 1e-9);
    EXPECT_NEAR(*result.r_squared, 1, 1e-9);
    EXPECT_EQ(result.ridge, 0);
  }
  const Regression penalised = regress_all(a, b, {.ridge = 1e-3});
  EXPECT_EQ(penalised.rank, 2);
  EXPECT_NEAR(penalised.coefficients[0].value, penalised.coefficients[1].value, 1e-9);
}

TEST_F(Degenerate, ConstantColumnSaysNothing) {
  for (const double constant : {0.0, 0.1, -1e9}) {
    for (Index i = 0; i < 100; ++i) a(i, 1) = constant;
    b = target_of(a, std::vector<double>{1, 0, -1}, 5);
    for (const std::optional<double> ridge :
         {std::optional<double>(), std::optional(0.0), std::optional(1.0)}) {
      const Regression result = regress_all(a, b, {.ridge = ridge});
      EXPECT_TRUE(warned(result, Kind::kRankDeficient));
      EXPECT_EQ(result.rank, 2);
      EXPECT_EQ(result.coefficients[1].value, 0);
      EXPECT_TRUE(std::isnan(result.coefficients[1].standard_error));
      EXPECT_NEAR(result.coefficients[0].value, 1, ridge.value_or(0) == 0 ? 1e-9 : 0.05);
    }
  }
}

TEST_F(Degenerate, ZeroColumnWithoutAConstant) {
  for (Index i = 0; i < 100; ++i) a(i, 1) = 0;
  b = target_of(a, std::vector<double>{1, 0, -1});
  for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram})
    for (const std::optional<double> ridge :
         {std::optional<double>(), std::optional(0.0), std::optional(1e-6)}) {
      const Regression result =
          regress_all(a, b, {.estimator = estimator, .ridge = ridge, .intercept = false});
      EXPECT_TRUE(warned(result, Kind::kRankDeficient));
      EXPECT_EQ(result.coefficients[1].value, 0);
      EXPECT_TRUE(std::isnan(result.coefficients[1].standard_error));
      EXPECT_NEAR(result.coefficients[2].value, -1, 1e-6);
    }
}

TEST_F(Degenerate, AllColumnsAreZero) {
  const Regression result = regress_all(Matrix<double>(100, 3), b);
  EXPECT_EQ(result.rank, 0);
  expect_finite(result);
  EXPECT_FALSE(result.r_squared);
  EXPECT_TRUE(warned(result, Kind::kNoFit));
}

TEST_F(Degenerate, ConstantTarget) {
  for (const double constant : {0.0, 0.1, 3e7}) {
    for (double& y : b.storage) y = constant;
    const Regression result = regress_all(a, b);
    for (const Coefficient& x : result.coefficients) EXPECT_NEAR(x.value, 0, 1e-12);
    EXPECT_NEAR(result.intercept->value, constant, 1e-12 * constant);
    EXPECT_FALSE(result.r_squared);
    EXPECT_EQ(result.r_squared_high, 1);
    EXPECT_TRUE(warned(result, Kind::kNoFit));
  }
}

TEST_F(Degenerate, FewRowsForTheColumns) {
  const auto part = [&](Index rows, const RegressionOptions& options = {}) {
    Matrix<double> x(rows, 3), y(rows, 1);
    std::copy_n(a.storage.begin(), 3 * rows, x.storage.begin());
    std::copy_n(b.storage.begin(), rows, y.storage.begin());
    return regress_all(x, y, options);
  };
  EXPECT_FALSE(warned(part(30), Kind::kFewRows));
  EXPECT_EQ(message_of(part(29), Kind::kFewRows),
            "29 matched rows for 3 columns, expected 10 a column: coefficients are uncertain "
            "(sketch more rows)");
  EXPECT_FALSE(warned(part(4), Kind::kUnderdetermined));
  EXPECT_TRUE(warned(part(4), Kind::kFewRows));
  EXPECT_EQ(message_of(part(3), Kind::kUnderdetermined),
            "3 rows for 4 coefficients: infinitely many fit exactly (sketch more rows, or choose "
            "columns)");
  EXPECT_FALSE(warned(part(3, {.intercept = false}), Kind::kUnderdetermined));
  for (const Index rows : {1, 2, 3, 4})
    for (const std::optional<double> ridge :
         {std::optional<double>(), std::optional(0.0), std::optional(1e-3), std::optional(1e9)})
      for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
        SCOPED_TRACE(rows);
        const Regression result = part(rows, {.estimator = estimator, .ridge = ridge});
        expect_finite(result);
        if (estimator == Estimator::kJoint) {
          EXPECT_FALSE(result.r_squared);  // no degree of freedom is left
          EXPECT_EQ(result.r_squared_low, 0);
          EXPECT_EQ(result.r_squared_high, 1);
        }
      }
}

// Without a ridge the rows are met exactly; the least-norm one of all solutions does it.
TEST_F(Degenerate, UnderdeterminedFitMeetsItsRows) {
  const Matrix<double> wide = normal_matrix(normals, 5, 20), y = normal_matrix(normals, 5, 1);
  const Regression exact = regress_all(wide, y, {.ridge = 0});
  EXPECT_NEAR(residual(wide, y, values_of(exact), exact.intercept->value), 0, 1e-10);
  EXPECT_EQ(exact.rank, 4);
  for (const Coefficient& coefficient : exact.coefficients)
    EXPECT_TRUE(std::isnan(coefficient.standard_error));
  EXPECT_TRUE(std::isnan(exact.intercept->standard_error));
  const Regression chosen = regress_all(wide, y);
  EXPECT_GT(chosen.ridge, 0);
}

// What one column without any relation explains of 50 rows by chance has the deviation sqrt(2) / 50.
TEST_F(Degenerate, AFitShrunkToNothingIsKnownNoBetterThanChance) {
  const Matrix<double> x = normal_matrix(normals, 50, 1), y = normal_matrix(normals, 50, 1);
  const Regression result = regress_all(x, y, {.ridge = 1e9});
  EXPECT_NEAR(result.coefficients[0].value, 0, 1e-6);
  EXPECT_NEAR(result.r_squared_high, 1.96 * std::sqrt(2.0) / 50, 1e-3);
}

TEST_F(Degenerate, OneMatchedRow) {
  const auto spec = sampling::parse_sample_spec("priority:size=10,weight=uniform");
  const std::vector<RowId> left = {1, 2, 3}, right = {3, 4, 5};
  const Regression result = regress(sampling::sample_rows(a.view().slice(0, 3), spec, left),
                                    sampling::sample_rows(b.view().slice(0, 3), spec, right));
  EXPECT_EQ(result.matched_rows, 1);
  EXPECT_EQ(result.intercept->value, b(0, 0));
  for (const Coefficient& x : result.coefficients) EXPECT_EQ(x.value, 0);
  expect_finite(result);
}

TEST_F(Degenerate, NoMatchedRow) {
  const auto spec = sampling::parse_sample_spec("priority:size=10,weight=uniform,totals=gram");
  const auto left = sampling::sample_rows(a.view(), spec, numbers(100, 0)),
             right = sampling::sample_rows(b.view(), spec, numbers(100, 1000)),
             empty = sampling::RowSampler(spec, 3).finish();
  for (const auto& of_a : {left, empty})
    for (const Estimator estimator : {Estimator::kJoint, Estimator::kSingle, Estimator::kGram}) {
      const Regression result = regress(of_a, right, {.estimator = estimator});
      EXPECT_EQ(message_of(result, Kind::kNoCommonRows),
                "the digests have no row in common: nothing was fitted (check that keys match, or "
                "sketch more rows)");
      ASSERT_EQ(result.coefficients.size(), 3u);
      for (const Coefficient& x : result.coefficients) {
        EXPECT_EQ(x.value, 0);
        EXPECT_TRUE(std::isnan(x.standard_error));
      }
      EXPECT_EQ(result.intercept.has_value(), estimator == Estimator::kJoint);
      EXPECT_FALSE(result.r_squared);
      EXPECT_EQ(result.r_squared_high, 1);
      EXPECT_EQ(result.matched_rows, 0);
      EXPECT_EQ(result.join_rows, 0);
      EXPECT_EQ(result.effective_rows, 0);
    }
}

// A column that one row alone has cannot be judged by leaving that row out.
TEST_F(Degenerate, ColumnThatIsNotZeroInOneRow) {
  for (Index i = 0; i < 100; ++i) a(i, 1) = i == 17 ? 5 : 0;
  b = target_of(a, std::vector<double>{1, 2, -1}, 5);
  const Regression exact = regress_all(a, b);
  EXPECT_NEAR(exact.coefficients[1].value, 2, 1e-9);
  EXPECT_EQ(exact.ridge, 0);
  b = target_of(a, std::vector<double>{1, 2, -1}, 5, 0.5, &normals);
  expect_finite(regress_all(a, b));
}

TEST_F(Degenerate, HugeAndTinyNumbers) {
  for (const double scale : {1e140, 1e-130}) {
    Matrix<double> scaled = a;
    for (double& x : scaled.storage) x *= scale;
    const Regression result = regress_all(scaled, b);
    for (std::size_t j = 0; j < 3; ++j)
      EXPECT_NEAR(result.coefficients[j].value * scale, regress_all(a, b).coefficients[j].value,
                  1e-9);
    EXPECT_NEAR(*result.r_squared, *regress_all(a, b).r_squared, 1e-9);
  }
}

}  // namespace
}  // namespace prodigest::regression
