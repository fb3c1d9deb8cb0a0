#include "prodigest/compare/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "compare/centred.hpp"
#include "compare/pairs.hpp"
#include "expect_error.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::compare {
namespace {

double square(double x) { return x * x; }

TEST(Statistics, AreTheSumsOverRows) {
  Pair pair;
  pair.a = Matrix<double>(4, 2);
  pair.a.storage = {3, 4, 0, 0, 1, 0, 0, 2};  // squared norms 25, 0, 1, 4
  pair.rows_a = {10, 20, 30, 40};
  pair.b = Matrix<double>(3, 1);
  pair.b.storage = {2, 5, 0};  // 4, 25, 0
  pair.rows_b = {30, 10, 50};
  const KnownProduct known = pair.known();
  const PairStatistics s = statistics_of(known.a, known.b);
  EXPECT_EQ(s.a.rows, 4);
  EXPECT_EQ(s.a.nonzero_rows, 3);
  EXPECT_EQ(s.a.nonzeros, 4);
  EXPECT_EQ(s.a.value_bytes, 1);
  EXPECT_DOUBLE_EQ(s.a.norm, std::sqrt(30));
  EXPECT_DOUBLE_EQ(s.a.common_share, 26.0 / 30);
  EXPECT_DOUBLE_EQ(s.a.effective_rows, 900.0 / (625 + 1 + 16));
  EXPECT_DOUBLE_EQ(s.a.heaviest_share, 25.0 / 30);
  EXPECT_EQ(s.b.nonzero_rows, 2);
  EXPECT_DOUBLE_EQ(s.b.common_share, 1);
  EXPECT_EQ(s.common_rows, 2);
  EXPECT_DOUBLE_EQ(s.meeting, (25 * 25 + 1 * 4) / (30.0 * 29));
  EXPECT_EQ(s.length, 0);  // 50 is a name, not the number of one of four rows
  EXPECT_FALSE(s.matched_rows);
}

TEST(Statistics, KnowWhatMeansLeave) {
  Pair pair;
  pair.a = Matrix<double>(3, 2);
  pair.a.storage = {1, 10, 2, 10, 6, 10};  // means 3, 10; centred -2 0, -1 0, 3 0
  pair.b = Matrix<double>(3, 1);
  pair.b.storage = {5, 1, 3};  // 3; 2 -2 0
  const KnownProduct known = pair.known();
  const PairStatistics s = statistics_of(known.a, known.b);
  EXPECT_TRUE(s.same_rows);
  EXPECT_NEAR(s.a.means[0], 3 / s.a.norm, 1e-15);
  EXPECT_NEAR(s.a.means[1], 10 / s.a.norm, 1e-15);
  EXPECT_NEAR(s.a.centred_share, 14.0 / 341, 1e-12);
  EXPECT_NEAR(s.b.centred_share, 8.0 / 35, 1e-12);
  EXPECT_EQ(s.a.largest_entry, 10);
  const double exact = 4.0 / (341 * 35);  // (-4 + 2)²
  EXPECT_NEAR(centred_squared_product(s, known.value), exact, 1e-12);
  double share = 0;
  for (const ColumnCosine& columns : s.cosines) share += columns.share;
  EXPECT_NEAR(share, s.a.centred_share * s.b.centred_share, 1e-12);
}

TEST(Statistics, SmallSketchesTellWhatMeansLeaveOfTheProduct) {
  for (Pair pair : {dense_pair(2000, 8, 6), correlated_pair(2000, 8, 6), gram_pair(2000, 8)}) {
    for (double& x : pair.a.storage) x += 100;  // nearly all of the norm
    const KnownProduct known = pair.known();
    const PairStatistics s = statistics_of(known.a, known.b);
    const double centred = s.a.centred_share * s.b.centred_share;
    EXPECT_LT(centred, 0.02) << pair.name;
    // Where columns are alike, all that 512 rows say of them errs together.
    EXPECT_NEAR(s.centred_squared_product / centred,
                centred_squared_product(s, known.value) / centred,
                pair.name == "dense" ? 0.005 : 0.25)
        << pair.name;
  }
}

TEST(Statistics, KnowWhichColumnsAreNearlyEqual) {
  Pair pair = gram_pair(1000, 5);
  const auto share_within = [&](double distance) {
    const PairStatistics s = statistics_of(pair.known().a, pair.known().b);
    double share = 0;
    for (const ColumnCosine& columns : s.cosines)
      if (columns.distance < distance) share += columns.share;
    return share / (s.a.centred_share * s.b.centred_share);
  };
  EXPECT_GT(share_within(1e-9), 0.15);  // each with itself
  Normals noise(3);
  for (double& x : pair.b.storage) x *= 1 + 0.1 * noise();
  EXPECT_EQ(share_within(1e-4), 0);
  EXPECT_GT(share_within(0.02), 0.15);
  pair = dense_pair(1000, 5, 4);
  EXPECT_EQ(share_within(0.5), 0);
}

TEST(Statistics, NumberedRowsHaveALength) {
  const KnownProduct known = dense_pair(1000, 3, 2).known();
  EXPECT_EQ(statistics_of(known.a, known.b).length, 1024);
  Pair keyed = dense_pair(1000, 3, 2);
  const Schema schema{.key = {"id"}};
  const KnownProduct named(whole_matrix(keyed.a.view(), {}, schema),
                           whole_matrix(keyed.b.view(), {}, schema));
  EXPECT_EQ(statistics_of(named.a, named.b).length, 0);
}

TEST(Statistics, SmallSketchesTellTheProductsNorm) {
  for (const Pair& pair :
       {dense_pair(2000, 8, 6), heavy_pair(2000, 8, 6), sparse_pair(2000, 30, 20)}) {
    KnownProduct known = pair.known();
    const auto error = [&](const KnownProduct& k) {
      const double zero = k.relative_error(Matrix<double>(k.value.rows, k.value.cols));
      return std::abs(statistics_of(k.a, k.b).squared_product - square(zero));
    };
    EXPECT_LT(error(known), 0.0015) << pair.name;  // uncorrected it would be 0.002 too much
    const KnownProduct gram(known.a, known.a);     // a large product
    EXPECT_LT(error(gram), 0.03) << pair.name;
  }
}

TEST(Statistics, OfTwoSamplesAreEstimatesOfThose) {
  const Pair pair = heavy_pair(4000, 8, 6);
  const KnownProduct known = pair.known();
  const PairStatistics exact = statistics_of(known.a, known.b);
  const auto sample = [&](const sampling::RowSample& whole, const char* text) {
    return sampling::sample_rows(whole.values(), sampling::parse_sample_spec(text),
                                 whole.row_ids());
  };
  for (const char* const text : {"priority:size=1000", "threshold:size=1000,weight=norm",
                                 "priority:size=1000,mixture=0.5"}) {
    const PairStatistics s = statistics_of(sample(known.a, text), sample(known.b, text));
    EXPECT_GT(*s.matched_rows, 500) << text;
    EXPECT_NEAR(s.a.norm / exact.a.norm, 1, 1e-9) << text;
    EXPECT_EQ(s.a.rows, 4000) << text;
    EXPECT_NEAR(s.common_rows / 4000, 1, 0.15) << text;
    EXPECT_NEAR(s.meeting / exact.meeting, 1, 0.02) << text;
    EXPECT_NEAR(s.squared_product / exact.squared_product, 1, 0.1) << text;
    EXPECT_NEAR(s.a.nonzeros / exact.a.nonzeros, 1, 0.15) << text;
    EXPECT_NEAR(s.a.effective_rows / exact.a.effective_rows, 1, 0.1) << text;
  }
}

TEST(Statistics, UniformSamplesNeedNoTotals) {
  const KnownProduct known = dense_pair(2000, 4, 3).known();
  const auto sample = [&](const sampling::RowSample& whole) {
    return sampling::sample_rows(whole.values(),
                                 sampling::parse_sample_spec("priority:size=500,weight=uniform"));
  };
  const PairStatistics s = statistics_of(sample(known.a), sample(known.b));
  EXPECT_NEAR(s.a.norm / known.norm_a, 1, 0.1);
  EXPECT_NEAR(s.common_rows / 2000, 1, 0.1);
}

TEST(Statistics, OfZerosAndOfNothingInCommonAreNotNumbersLikeNaN) {
  Pair zero = dense_pair(20, 3, 2);
  std::ranges::fill(zero.a.storage, 0);
  const KnownProduct known = zero.known();
  const PairStatistics s = statistics_of(known.a, known.b);
  EXPECT_EQ(s.a.norm, 0);
  EXPECT_EQ(s.a.effective_rows, 0);
  EXPECT_EQ(s.meeting, 0);
  EXPECT_EQ(s.squared_product, 0);

  Pair apart = dense_pair(20, 3, 2);
  apart.rows_a = numbers(20);
  apart.rows_b = numbers(20, 100);
  const KnownProduct disjoint = apart.known();
  const PairStatistics t = statistics_of(disjoint.a, disjoint.b);
  EXPECT_TRUE(t.common.empty());
  EXPECT_EQ(t.a.common_share, 0);
}

TEST(KnownProduct, RefusesASampleOfAPart) {
  const Pair pair = dense_pair(20, 3, 2);
  const auto part =
      sampling::sample_rows(pair.a.view(), sampling::parse_sample_spec("priority:size=10"));
  expect_refusal(ErrorCode::kInvalidArgument,
                 "expected a whole matrix, got a sample of 10 of 20 rows",
                 [&] { KnownProduct(part, whole_matrix(pair.b.view())); });
}

TEST(KnownProduct, IsTheProductAndMeasuresErrors) {
  const Pair pair = sparse_pair(50, 6, 4);
  const KnownProduct known = pair.known();
  const Matrix<double> exact = exact_product(pair.a, pair.b);
  EXPECT_LT(squared_distance(known.value, exact), 1e-20);
  EXPECT_DOUBLE_EQ(known.norm_a, std::sqrt(squared_norm(pair.a)));
  Matrix<double> off = known.value;
  off(0, 0) += known.scale();
  EXPECT_NEAR(known.relative_error(off), 1, 1e-12);
}

}  // namespace
}  // namespace prodigest::compare
