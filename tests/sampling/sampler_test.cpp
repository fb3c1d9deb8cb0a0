// Which rows are kept.

#include "prodigest/sampling/sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "prodigest/core/random.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/matrices.hpp"
#include "sampling/method_name.hpp"
#include "reference/monte_carlo.hpp"
#include "sampling/thresholds.hpp"

namespace prodigest::sampling {
namespace {

Matrix<double> column_of(const std::vector<double>& values) {
  Matrix<double> column(std::ssize(values), 1);
  column.storage = values;
  return column;
}

double hash(const SampleSpec& spec, RowId row) {
  return uniform(spec.seed, Domain::kRowSelection, row);
}

std::vector<RowId> ids_of(const RowSample& sample) {
  return {sample.row_ids().begin(), sample.row_ids().end()};
}

// What the definition keeps: rows in order of (rank, id), cut at tau.
struct Expected {
  std::vector<RowId> row_ids;
  double tau = INFINITY;
  RowId tau_row = 0;
};

Expected expected_sample(const SampleSpec& spec, const std::vector<double>& weights) {
  std::vector<std::pair<double, RowId>> ranks;
  for (RowId row = 0; row < weights.size(); ++row)
    if (weights[row] > 0) ranks.emplace_back(hash(spec, row) / weights[row], row);
  std::ranges::sort(ranks);
  Expected expected;
  if (spec.method != Method::kPriority) {
    if (spec.method == Method::kPlainThreshold || std::ssize(ranks) > spec.size)
      expected.tau = threshold_tau(spec.method, weights, spec.size);
  } else if (std::ssize(ranks) > spec.size) {
    std::tie(expected.tau, expected.tau_row) = ranks[static_cast<std::size_t>(spec.size)];
  }
  for (const auto& rank : ranks)
    if (rank < std::pair(expected.tau, expected.tau_row)) expected.row_ids.push_back(rank.second);
  std::ranges::sort(expected.row_ids);
  return expected;
}

void expect_kept(const RowSample& sample, const Expected& expected) {
  EXPECT_EQ(ids_of(sample), expected.row_ids);
  if (std::isinf(expected.tau) || sample.spec().method == Method::kPriority)
    EXPECT_DOUBLE_EQ(sample.tau(), expected.tau);
  else
    EXPECT_NEAR(sample.tau(), expected.tau, 1e-12 * expected.tau);
  EXPECT_EQ(sample.parts().tau_row, expected.tau_row);
}

class EveryMethod : public testing::TestWithParam<Method> {};
INSTANTIATE_TEST_SUITE_P(Methods, EveryMethod, kAllMethods, method_test_name);

TEST_P(EveryMethod, KeepsTheRowsBelowTauAndNoOthers) {
  Normals normals(31);
  for (const Index rows : {1, 2, 3, 10, 257, 3000})
    for (const Index size : {2, 3, 50, 300, 2999, 3000, 3001}) {
      SCOPED_TRACE(std::to_string(size) + " of " + std::to_string(rows));
      const Matrix<double> a = heavy_matrix(normals, rows, 3);
      const SampleSpec spec{.method = GetParam(), .size = size, .seed = {9}};
      const RowSample sample = sample_rows(a.view(), spec);
      const std::vector<double> weights = squared_row_norms(a);
      expect_kept(sample, expected_sample(spec, weights));
      const Matrix<double> kept = dense_of(sample.values());
      for (Index i = 0; i < sample.size(); ++i) {
        const RowId row = sample.row_ids()[i];
        EXPECT_DOUBLE_EQ(sample.weights()[i], weights[row]);
        EXPECT_EQ(sample.inclusion(i), std::min(1.0, sample.weights()[i] * sample.tau()));
        EXPECT_TRUE(std::ranges::equal(kept.view().row(i), a.view().row(static_cast<Index>(row))));
      }
    }
}

TEST_P(EveryMethod, SumsOverAllRowsKeptOrNot) {
  Normals normals(32);
  Matrix<double> a = normal_matrix(normals, 500, 4);
  for (Index i = 0; i < 500; i += 5) std::ranges::fill(a.view().row(i), 0);
  const RowSample sample = sample_rows(
      a.view(), {.method = GetParam(), .size = 20, .seed = {}, .totals = Totals::kFull});
  EXPECT_EQ(sample.rows(), 500);
  EXPECT_EQ(sample.totals().nonzero_rows, 400);
  EXPECT_NEAR(*sample.squared_norm(), squared_norm(a), 1e-10);
  ASSERT_EQ(sample.totals().column_sums.size(), 4u);
  for (Index j = 0; j < 4; ++j) {
    double sum = 0;
    for (Index i = 0; i < 500; ++i) sum += a(i, j);
    EXPECT_NEAR(sample.totals().column_sums[j].rounded(), sum, 1e-10);
  }
  const double weight = GetParam() == Method::kPriority ? 0 : squared_norm(a);
  EXPECT_NEAR(sample.totals().weight.rounded(), weight, 1e-10);
}

TEST_P(EveryMethod, LeavesOutTheTotalsThatWereNotAskedFor) {
  Normals normals(33);
  const Matrix<double> a = normal_matrix(normals, 50, 4);
  const auto totals = [&](Totals which) {
    return sample_rows(a.view(), {.method = GetParam(), .size = 20, .seed = {}, .totals = which});
  };
  EXPECT_EQ(totals(Totals::kNone).squared_norm(), std::nullopt);
  EXPECT_EQ(totals(Totals::kNone).totals().nonzero_rows, 0);
  EXPECT_EQ(totals(Totals::kNone).totals().squared_norm.rounded(), 0);
  EXPECT_EQ(totals(Totals::kNone).rows(), 50);
  EXPECT_EQ(totals(Totals::kNorm).totals().nonzero_rows, 50);
  EXPECT_TRUE(totals(Totals::kNorm).totals().column_sums.empty());
  EXPECT_EQ(totals(Totals::kFull).totals().column_sums.size(), 4u);
  EXPECT_EQ(ids_of(totals(Totals::kNone)), ids_of(totals(Totals::kFull)));
}

TEST_P(EveryMethod, NeverKeepsRowsOfWeightZero) {
  Normals normals(34);
  for (const char* text : {"priority:size=30,weight=norm", "priority:size=30"}) {
    SampleSpec spec = parse_sample_spec(text);
    spec.method = GetParam();
    Matrix<double> a = normal_matrix(normals, 100, 2);
    for (Index i = 0; i < 80; ++i) std::ranges::fill(a.view().row(i), i % 2 == 0 ? 0.0 : -0.0);
    const RowSample few = sample_rows(a.view(), spec);  // 20 rows that are not zero
    if (spec.method != Method::kPlainThreshold) {
      EXPECT_TRUE(few.complete());
      EXPECT_EQ(ids_of(few), numbers(20, 80));
    }
    for (const RowId row : few.row_ids()) EXPECT_GE(row, 80u);
    std::ranges::fill(a.storage, 0);
    const RowSample none = sample_rows(a.view(), spec);
    EXPECT_EQ(none.size(), 0);
    EXPECT_TRUE(none.complete());
    EXPECT_EQ(none.rows(), 100);
  }
}

TEST_P(EveryMethod, KeepsZeroRowsLikeOthersWhereWeightsDoNotComeFromThemAlone) {
  Matrix<double> a(200, 2);
  for (Index i = 0; i < 50; ++i) a(i, 0) = 1 + static_cast<double>(i);
  for (const char* text : {"priority:size=100,weight=uniform", "priority:size=100,mixture=0.9"}) {
    SampleSpec spec = parse_sample_spec(text);
    spec.method = GetParam();
    const RowSample sample = sample_rows(a.view(), spec);
    const auto zeros = std::ranges::count_if(sample.row_ids(), [](RowId row) { return row >= 50; });
    EXPECT_GT(zeros, 40);
    EXPECT_LT(zeros, 100);
  }
}

TEST_P(EveryMethod, TakesNoRowsAtAll) {
  const SampleSpec spec{.method = GetParam(), .size = 5, .seed = {}};
  const RowSample none = RowSampler(spec, 3).finish();
  EXPECT_EQ(none.rows(), 0);
  EXPECT_EQ(none.size(), 0);
  EXPECT_EQ(none.cols(), 3);
  EXPECT_TRUE(none.complete());
  RowSampler sampler(spec, 3);
  sampler.update(Matrix<double>(0, 3).view(), 0);
  EXPECT_EQ(std::move(sampler).finish().rows(), 0);
}

TEST_P(EveryMethod, TakesASingleRow) {
  const Matrix<double> a = column_of({3});
  const RowSample one = sample_rows(a.view(), {.method = GetParam(), .size = 5, .seed = {}});
  EXPECT_EQ(ids_of(one), numbers(1));
  EXPECT_EQ(one.weights()[0], 9);
  EXPECT_EQ(one.inclusion(0), 1);
}

// Sums that decide what may be dropped on the way must not lose the light rows beside heavy ones,
// whether those come first, last or between.
TEST_P(EveryMethod, KeepsLightRowsBesideRowsHeavierByAllOfAMantissa) {
  for (const double heavy : {1e3, 1e8, 1e12, 1e100})
    for (const Index at : {0, 3000, 5999}) {
      SCOPED_TRACE(std::to_string(heavy) + " at " + std::to_string(at));
      std::vector<double> values(6000, 1);
      values[static_cast<std::size_t>(at)] = heavy;
      const Matrix<double> a = column_of(values);
      const SampleSpec spec{.method = GetParam(), .size = 300, .seed = {2}};
      const Expected expected = expected_sample(spec, squared_row_norms(a));
      for (const Index block : {100, 6000}) {
        RowSampler sampler(spec, 1);
        for (Index first = 0; first < 6000; first += block)
          sampler.update(a.view().slice(first, block), static_cast<RowId>(first));
        expect_kept(std::move(sampler).finish(), expected);
      }
    }
}

TEST_P(EveryMethod, ScalingByAPowerOfTwoChangesTauAlone) {
  Normals normals(35);
  for (const char* weight : {"", ",weight=norm"})
    for (const int exponent : {-100, -1, 1, 100}) {
      SampleSpec spec = parse_sample_spec(std::string("priority:size=40") + weight);
      spec.method = GetParam();
      const Matrix<double> a = heavy_matrix(normals, 500, 3);
      Matrix<double> scaled = a;
      for (double& x : scaled.storage) x = std::ldexp(x, exponent);
      const RowSample one = sample_rows(a.view(), spec), other = sample_rows(scaled.view(), spec);
      EXPECT_EQ(ids_of(one), ids_of(other));
      const int power = spec.weight == Weight::kNorm ? exponent : 2 * exponent;
      EXPECT_EQ(other.tau(), std::ldexp(one.tau(), -power));
      for (Index i = 0; i < one.size(); ++i) {
        EXPECT_EQ(other.weights()[i], std::ldexp(one.weights()[i], power));
        EXPECT_EQ(other.inclusion(i), one.inclusion(i));
      }
    }
}

TEST(Threshold, SolvesTheHandCase) {
  const Matrix<double> a = column_of({10, 1, 1, 1, 1, 1});  // weights 100, 1, 1, 1, 1, 1
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const RowSample sample =
        sample_rows(a.view(), {.method = Method::kThreshold, .size = 3, .seed = {seed}});
    EXPECT_DOUBLE_EQ(sample.tau(), 2.0 / 5);
    EXPECT_EQ(sample.row_ids()[0], 0u);
    EXPECT_EQ(sample.inclusion(0), 1);
    const RowSample plain =
        sample_rows(a.view(), {.method = Method::kPlainThreshold, .size = 3, .seed = {seed}});
    EXPECT_DOUBLE_EQ(plain.tau(), 3.0 / 105);
  }
}

TEST(Threshold, KeepsAboutItsSizeWhereThePlainOneKeepsFew) {
  Normals normals(36);
  const Matrix<double> a = heavy_matrix(normals, 2000, 3);
  const std::vector<double> weights = squared_row_norms(a);
  const double plain_tau = threshold_tau(Method::kPlainThreshold, weights, 300);
  double plain_expected = 0;
  for (const double w : weights) plain_expected += std::min(1.0, w * plain_tau);
  MeanOfTrials adaptive, plain;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto size = [&](Method method) {
      return static_cast<double>(
          sample_rows(a.view(), {.method = method, .size = 300, .seed = {seed}}).size());
    };
    adaptive.add(size(Method::kThreshold));
    plain.add(size(Method::kPlainThreshold));
  }
  EXPECT_LT(adaptive.errors_from(300), 4);
  EXPECT_LT(plain.errors_from(plain_expected), 4);
  EXPECT_LT(plain.mean(), 150);
}

TEST(Priority, BreaksTiesByRowIdAndKeepsExactlyItsSize) {
  // A weight equal to the row's own uniform makes every rank 1.
  for (const Index size : {2, 7, 99, 100}) {
    const SampleSpec spec{.size = size, .seed = {5}, .weight = Weight::kUser};
    const std::vector<RowId> ids = shuffled_numbers(100, 1);
    std::vector<double> weights;
    for (const RowId id : ids) weights.push_back(hash(spec, id));
    const Matrix<double> ones = column_of(std::vector<double>(100, 1));
    for (const Index block : {1, 30, 100}) {
      RowSampler sampler(spec, 1);
      for (Index first = 0; first < 100; first += block) {
        const Index count = std::min(block, 100 - first);
        sampler.update(ones.view().slice(first, count), std::span(ids).subspan(first, count),
                       std::span(weights).subspan(first, count));
      }
      const RowSample sample = std::move(sampler).finish();
      EXPECT_EQ(ids_of(sample), numbers(size));
      EXPECT_EQ(sample.tau(), size < 100 ? 1 : INFINITY);
      EXPECT_EQ(sample.parts().tau_row, size < 100 ? static_cast<RowId>(size) : 0u);
    }
  }
}

TEST(Priority, KeepsARowWithTheProbabilityItStates) {
  // Row 0 is kept if its hash lies below weight * tau of the others: the mean of inclusion over
  // samples that hold it, each counted 1 / inclusion, is 1.
  Normals normals(37);
  const Matrix<double> a = normal_matrix(normals, 50, 2);
  std::vector<MeanOfTrials> weight_of_row(50);
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const RowSample sample = sample_rows(a.view(), {.size = 10, .seed = {seed}});
    std::vector<double> counted(50);
    for (Index i = 0; i < sample.size(); ++i)
      counted[sample.row_ids()[i]] = 1 / sample.inclusion(i);
    for (std::size_t row = 0; row < 50; ++row) weight_of_row[row].add(counted[row]);
  }
  for (std::size_t row = 0; row < 50; ++row) EXPECT_LT(weight_of_row[row].errors_from(1), 4) << row;
}

TEST(Samplers, WithAMethodInTheirNameTakeNoOther) {
  EXPECT_EQ(PrioritySampler({.size = 2, .seed = {}}, 1).finish().spec().method, Method::kPriority);
  const SampleSpec plain{.method = Method::kPlainThreshold, .size = 2, .seed = {}};
  EXPECT_EQ(ThresholdSampler(plain, 1).finish().spec().method, Method::kPlainThreshold);
}

}  // namespace
}  // namespace prodigest::sampling
