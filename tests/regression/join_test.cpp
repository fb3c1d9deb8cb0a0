// What a regression on samples describes: the rows whose keys both tables hold.

#include <gtest/gtest.h>

#include <cmath>

#include "prodigest/linear/sketch_rows.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/monte_carlo.hpp"
#include "regression/tables.hpp"

namespace prodigest::regression {
namespace {

using Kind = Warning::Kind;
using sampling::parse_sample_spec;
using sampling::sample_rows;

const Schema kKeyed{.columns = {}, .key = {"id"}};

// Keys 0..5 in A, 3..8 in B. On the join b = 2 a + 1; zeros for what is missing would say
// otherwise.
struct Join : testing::Test {
  Matrix<double> a{6, 1}, b{6, 1};
  std::vector<RowId> keys_of_a = {0, 1, 2, 3, 4, 5}, keys_of_b = {3, 4, 5, 6, 7, 8};
  void SetUp() override {
    a.storage = {50, 60, 70, 1, 2, 3};
    b.storage = {3, 5, 7, -90, -80, 40};
  }
};

TEST_F(Join, KeysThatOneSideLacksDoNotCountAsZero) {
  const auto spec = parse_sample_spec("priority:size=10,weight=uniform");
  const Regression result = regress(sample_rows(a.view(), spec, keys_of_a, kKeyed),
                                    sample_rows(b.view(), spec, keys_of_b, kKeyed));
  EXPECT_NEAR(result.coefficients[0].value, 2, 1e-12);
  EXPECT_NEAR(result.intercept->value, 1, 1e-12);
  EXPECT_EQ(result.join_rows, 3);
  EXPECT_FALSE(warned(result, Kind::kMissingAsZero));
}

TEST_F(Join, LinearSketchesCountThemAsZeroAndSaySo) {
  const auto spec = linear::parse_linear_spec("gaussian:size=2000");
  const Regression result =
      regress(linear::sketch_rows(a.view(), spec, keys_of_a, kKeyed),
              linear::sketch_rows(b.view(), spec, keys_of_b, kKeyed), {.intercept = false});
  // sum of a b over all keys / sum of a² over all keys of A
  EXPECT_NEAR(result.coefficients[0].value, (3 + 10 + 21) / (2500.0 + 3600 + 4900 + 14), 0.1);
  EXPECT_TRUE(warned(result, Kind::kMissingAsZero));
  EXPECT_TRUE(std::isnan(result.join_rows));
}

TEST_F(Join, SumsCountThemAsZeroAndSaySo) {
  const auto spec = parse_sample_spec("priority:size=10,weight=uniform,totals=gram");
  for (const Estimator estimator : {Estimator::kGram, Estimator::kSingle}) {
    const Regression result = regress(sample_rows(a.view(), spec, keys_of_a, kKeyed),
                                      sample_rows(b.view(), spec, keys_of_b, kKeyed),
                                      {.estimator = estimator, .ridge = 0});
    EXPECT_NEAR(result.coefficients[0].value, (3 + 10 + 21) / (2500.0 + 3600 + 4900 + 14), 1e-12);
    EXPECT_TRUE(warned(result, Kind::kMissingAsZero));
    EXPECT_FALSE(result.intercept);  // A has no column of ones
  }
}

// Half of the targets are 0: they belong to the line as much as all others.
TEST(ZeroRows, CountWhereWeightsKeepThem) {
  Normals normals(461);
  const Matrix<double> a = normal_matrix(normals, 4000, 2);
  Matrix<double> b(4000, 1);
  for (Index i = 0; i < 4000; ++i) b(i, 0) = std::max(0.0, a(i, 0) + 0.2 * a(i, 1));
  const std::vector<double> exact = exact_solution(a, b, 0, true);
  const auto slope = [&](const std::string& of_a, const std::string& of_b) {
    MeanOfTrials mean;
    for (int seed = 1; seed <= 20; ++seed)
      mean.add(
          regress(sample(a, with(of_a, 500, seed)), sample(b, with(of_b, 500, seed)), {.ridge = 0})
              .coefficients[0]
              .value);
    return mean.mean();
  };
  EXPECT_NEAR(slope("weight=uniform", "weight=uniform"), exact[0], 0.02);
  EXPECT_NEAR(slope("mixture=0.5", "mixture=0.5"), exact[0], 0.02);
  EXPECT_GT(slope("", ""), exact[0] + 0.1)
      << "zero rows are missing, which is what the warning is for";

  const auto message = [&](const std::string& of_b) {
    return message_of(
        regress(sample(a, with("weight=uniform", 500, 1)), sample(b, with(of_b, 500, 1))),
        Kind::kZeroRowsMissing);
  };
  EXPECT_EQ(message("weight=uniform"), "");
  EXPECT_EQ(message("mixture=0.5"), "");
  Index zeros = 0;
  for (const double y : b.storage) zeros += y == 0;
  for (const char* weight : {"", "weight=norm", "weight=leverage"})
    EXPECT_EQ(message(weight),
              std::to_string(zeros) +
                  " of 4000 rows of B are zero and have no weight: such a key counts "
                  "as missing (sketch with mixture=0.5 or weight=uniform)");
  EXPECT_EQ(
      message("totals=none"),
      "zero rows of B, if there are any, have no weight: such a key counts as missing (sketch "
      "with mixture=0.5 or weight=uniform)");
  // A complete sample has every row of positive weight, and can count the others.
  EXPECT_NE(message_of(regress(sample(a, "priority:size=5000"),
                               sample(b, "priority:size=5000,totals=none")),
                       Kind::kZeroRowsMissing)
                .find(std::to_string(zeros) + " of 4000 rows of B"),
            std::string::npos);
  // Without a zero row there is nothing to miss.
  EXPECT_FALSE(warned(
      regress(sample(a, "priority:size=500"), sample(a, "priority:size=500"), {.target = "0"}),
      Kind::kZeroRowsMissing));
}

TEST(JoinRows, AreEstimatedWithoutBias) {
  Normals normals(462);
  const Matrix<double> a = heavy_matrix(normals, 1000, 2), b = heavy_matrix(normals, 1000, 1);
  MeanOfTrials mean;
  for (int seed = 1; seed <= 200; ++seed) {
    const auto left =
        sample_rows(a.view(), parse_sample_spec(with("mixture=0.5", 150, seed)), numbers(1000, 0));
    const auto right = sample_rows(b.view(), parse_sample_spec(with("mixture=0.5", 150, seed)),
                                   numbers(1000, 400));
    mean.add(regress(left, right).join_rows);
  }
  EXPECT_LT(mean.errors_from(600), 3);
}

}  // namespace
}  // namespace prodigest::regression
