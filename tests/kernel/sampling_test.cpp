// The parts of a sampled product: rates, keys taken, what error they lead to, and how it is bounded.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "kernel/error_bound.hpp"
#include "kernel/exact_rows.hpp"
#include "kernel/group_products.hpp"
#include "kernel/kernel_data.hpp"
#include "kernel/key_sampler.hpp"
#include "kernel/naive_kernel.hpp"
#include "kernel/sampling_rate.hpp"

namespace prodigest::kernel {
namespace {

// ---- rates ----

TEST(RateTable, IsTheMeanAndDeviationOfPairsSoFarApart) {
  std::vector<CellPair> pairs;
  for (int i = 0; i < 2000; ++i) {
    const auto distance = static_cast<float>(i);
    const float mean = std::exp2(-distance / 200), square = 2 * mean * mean;
    pairs.push_back({distance, 10 * mean, 10 * square, 10});
  }
  const RateTable centred(pairs, true), plain(pairs, false);
  for (const float distance : {3.0F, 400.0F, 1500.0F}) {
    const float mean = std::exp2(-distance / 200);
    EXPECT_NEAR(centred(distance).mean, mean, 0.4 * mean);  // ranges grow
    EXPECT_NEAR(centred(distance).deviation, centred(distance).mean, 0.1 * mean);
    EXPECT_EQ(plain(distance).mean, 0);
    EXPECT_NEAR(plain(distance).deviation, std::sqrt(2.0) * centred(distance).mean, 0.1 * mean);
  }
  EXPECT_EQ(centred(-5).deviation, centred(0).deviation);
  EXPECT_EQ(centred(1e9F).deviation, centred(1999).deviation);
  EXPECT_LT(centred(1999).deviation, centred(0).deviation);
}

TEST(RateTable, NeverRisesAndIsNeverZero) {
  std::vector<CellPair> pairs;
  for (int i = 0; i < 500; ++i)
    pairs.push_back({static_cast<float>(i), 0, i == 300 ? 7.0F : 0.0F, 1});
  const RateTable table(pairs, true);
  float before = table(0).deviation;
  for (int i = 0; i < 500; ++i) {
    const float now = table(static_cast<float>(i)).deviation;
    EXPECT_GT(now, 0);
    EXPECT_LE(now, before);
    before = now;
  }
  EXPECT_GT(table(0).deviation, table(499).deviation);
  EXPECT_GT(RateTable(std::vector<CellPair>{{1, 0, 0, 4}}, true)(1).deviation, 0);
}

// ---- keys taken ----

struct Weighed {
  Cells cells{};
  std::vector<float> weights{};
  WeightedKeys keys{};
};
Weighed weigh(std::vector<float> weights, Index size) {
  Weighed out{.weights = std::move(weights)};
  const Index n = std::ssize(out.weights);
  for (Index first = 0; first < n; first += size) out.cells.starts.push_back(first);
  out.cells.starts.push_back(n);
  out.keys = sort_by_weight(out.cells, out.weights);
  return out;
}
const RateTable kTwoRates(0, 1, std::vector<Rate>{{0.5F, 0.125F}, {0.1F, 0.0625F}});

TEST(KeySampler, TakesKeysAsOftenAsTheirProbabilityAndAtMostOnce) {
  const Weighed of = weigh({0.2F, 0, 1, 0.7F, 0.05F, 3, 0.3F, 0.3F, 0.3F, 0}, 4);
  const std::vector<float> distances = {0, 1, 0};
  const float deviations[] = {0.5F, 0.1F, 0.5F};
  constexpr float kLambda = 0.4F;
  constexpr int kDraws = 4000;  // a grid of the one uniform number
  std::vector<double> factors(10), counts(10);
  std::vector<TakenKey> taken;
  std::vector<float> means(3);
  for (int draw = 0; draw < kDraws; ++draw) {
    sample_keys(of.keys, distances, kTwoRates, kLambda, (draw + 0.5) / kDraws, taken, means);
    std::set<std::int32_t> once;
    for (const TakenKey& key : taken) {
      EXPECT_TRUE(once.insert(key.key).second);
      EXPECT_EQ(key.mean, means[key.key / 4]);
      factors[key.key] += key.factor / kDraws;
      counts[key.key] += 1.0 / kDraws;
    }
  }
  EXPECT_EQ(means, (std::vector<float>{0.125F, 0.0625F, 0.125F}));
  for (Index key = 0; key < 10; ++key) {
    const double probability =
        std::min(1.0F, deviations[key / 4] * of.weights[key] / kLambda);
    EXPECT_NEAR(counts[key], probability, 2.0 / kDraws) << key;
    EXPECT_NEAR(factors[key], probability > 0 ? 1 : 0, 0.02) << key;
  }
}

TEST(KeySampler, TakesAllKeysOfSmallLambdaAndNoneOfLarge) {
  const Weighed of = weigh({1, 2, 3, 4, 5}, 2);
  std::vector<TakenKey> taken;
  std::vector<float> means(3);
  const std::vector<float> distances = {0, 0, 0};
  sample_keys(of.keys, distances, kTwoRates, 1e-9F, 0.3, taken, means);
  EXPECT_EQ(taken.size(), 5);
  for (const TakenKey& key : taken) EXPECT_EQ(key.factor, 1);
  sample_keys(of.keys, distances, kTwoRates, 1e9F, 0.3, taken, means);
  EXPECT_TRUE(taken.empty());
}

// ---- bounds ----

// Root mean squares are estimated from `count` of many rows; how often the bound is below the truth.
template <class Draw>
double failures(int count, double truth, double failure, const Draw& draw) {
  constexpr int kTrials = 2000;
  int below = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> squares;
    const auto numbers = normal_row({17}, trial, count);
    for (const double number : numbers) squares.push_back(draw(number));
    const ErrorEstimate estimate = estimate_error(squares, 1, failure);
    EXPECT_LE(estimate.error, estimate.bound);
    below += estimate.bound < truth;
  }
  return static_cast<double>(below) / kTrials;
}

TEST(ErrorBound, OfNormalErrorsFailsAboutAsOftenAsItSays) {
  const auto square = [](double z) { return z * z; };
  for (const double failure : {0.01, 0.05}) {
    const double got = failures(512, 1, failure, square);
    EXPECT_LT(got, 1.5 * failure);
    EXPECT_GT(got, 0.3 * failure);
  }
}

TEST(ErrorBound, OfErrorsThatFewRowsCarryHolds) {
  // About one row in 50 has all of it; then one in 10 has most.
  EXPECT_LT(failures(512, std::sqrt(0.0202), 0.01,
                     [](double z) { return z > 2.05 ? 1.0 : 0.0; }), 0.02);
  EXPECT_LT(failures(512, std::sqrt(0.1 * 4 + 0.9 * 0.01), 0.01,
                     [](double z) { return z > 1.2816 ? 4.0 : 0.01; }), 0.02);
}

TEST(ErrorBound, OfOneRowOfManyIsThatOfAPoissonCount) {
  std::vector<double> squares(1000);
  squares[3] = 1;
  const ErrorEstimate estimate = estimate_error(squares, 1000, 0.01);
  EXPECT_NEAR(estimate.error, 1, 1e-12);
  EXPECT_NEAR(estimate.bound * estimate.bound, 6.64, 0.15);  // P(Poisson(6.64) <= 1) = 0.01
}

TEST(ErrorBound, OfEqualErrorsIsTheError) {
  const std::vector<double> none(10), same(10, 4);
  EXPECT_EQ(estimate_error(none, 100, 0.01).bound, 0);
  EXPECT_NEAR(estimate_error(same, 100, 0.01).bound, 20, 1e-9);
}

// ---- products ----

Matrix<double> exact(const GaussianPlan& plan, const ScaledColumns& x) {
  std::vector<Index> places(static_cast<std::size_t>(plan.queries()));
  std::iota(places.begin(), places.end(), Index{0});
  return exact_rows(plan, places, x.values, false, {}).products;
}

GaussianPlan plan_of(const KernelData& data, GaussianSpec spec) {
  spec.bandwidth = data.bandwidth;
  return make_plan(centre_points(data.of_queries(), data.keys, spec.bandwidth), spec, true, {});
}

struct Sampled {
  Sampled(const GaussianPlan& plan_, MatrixView<const double> x_)
      : plan(plan_), x(scale_columns(x_, plan.key_order)),
        keys(sort_by_weight(plan.key_cells, x.weights)), products(plan, x, keys) {}

  Matrix<double> product(float lambda, std::uint64_t seed, bool clip) const {
    std::vector<Index> groups(static_cast<std::size_t>(plan.query_cells.count()));
    std::iota(groups.begin(), groups.end(), Index{0});
    Matrix<double> y(plan.queries(), x.values.cols);
    products.multiply(groups, {.lambda = lambda, .seed = {seed}, .clip = clip}, y.view(), {});
    return y;
  }
  SamplingRate choose(double epsilon) const {
    return ErrorModel(plan.pilot, keys, x, plan.queries()).choose(epsilon * epsilon, {});
  }

  const GaussianPlan& plan;
  ScaledColumns x;
  WeightedKeys keys;
  GroupProducts products;
};

double square_distance(const Matrix<double>& a, const Matrix<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.storage.size(); ++i)
    sum += (a.storage[i] - b.storage[i]) * (a.storage[i] - b.storage[i]);
  return sum;
}

// Without clipping the mean over seeds is the exact product, row by row.
void expect_unbiased(const GaussianPlan& plan, Index cols) {
  const Sampled sampled(plan, normal_matrix(plan.keys(), cols, 3));
  const Matrix<double> truth = exact(plan, sampled.x);
  const SamplingRate rate = sampled.choose(0.2);
  constexpr int kSeeds = 400;
  const auto size = truth.storage.size();
  std::vector<double> sums(size), squares(size);
  for (int seed = 0; seed < kSeeds; ++seed) {
    const Matrix<double> y = sampled.product(rate.lambda, static_cast<std::uint64_t>(seed), false);
    for (std::size_t i = 0; i < size; ++i) {
      const double apart = y.storage[i] - truth.storage[i];
      sums[i] += apart / kSeeds;
      squares[i] += apart * apart / kSeeds;
    }
  }
  // Of many rows the mean of squared standardised errors is 1, and few are far off. Rows with
  // events too rare for 400 draws are held to be within them by the last condition.
  double standardised = 0, far = 0, bias = 0, variance = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double error = std::sqrt(squares[i] / kSeeds) + 1e-9;
    standardised += sums[i] * sums[i] / (error * error) / static_cast<double>(size);
    far += std::abs(sums[i]) > 4.5 * error;
    bias += sums[i] * sums[i];
    variance += squares[i];
  }
  EXPECT_LT(standardised, 1.35);
  EXPECT_GT(standardised, 0.5);
  EXPECT_LE(far / static_cast<double>(size), 0.004);
  EXPECT_LT(bias, 1.4 * variance / kSeeds);
}

TEST(GroupProducts, AreUnbiasedWithoutClipping) {
  expect_unbiased(plan_of(tree_points(1024, 8), {.near = 8, .trees = 2}), 1);
}

TEST(GroupProducts, OfManyColumnsAreUnbiasedToo) {
  expect_unbiased(plan_of(tree_points(512, 8), {.near = 8, .trees = 2, .query_cell = 50}), 3);
}

TEST(GroupProducts, AreUnbiasedWithoutNearKeys) {
  expect_unbiased(plan_of(tree_points(1024, 8), {.near = 0}), 1);
}

TEST(GroupProducts, AreUnbiasedWhicheverKeysAreHeldToBeNear) {
  GaussianPlan plan = plan_of(tree_points(1024, 8), {.near = 8, .trees = 2});
  // Half of the lists are emptied, the others name keys at random.
  for (Index i = 0; i < plan.queries(); ++i) {
    if (i % 2 == 0) plan.near.counts[i] = 0;
    for (Index t = 0; t < plan.near.counts[i]; ++t) {
      const Index key = t * 100 + i % 97, at = i * plan.near.near + t;
      plan.near.keys[at] = static_cast<std::int32_t>(key);
      double squares = 0;
      for (Index c = 0; c < plan.points.dim; ++c) {
        const auto rows = plan.points.keys.rows.view();
        squares += (rows(i, c) - rows(key, c)) * (rows(i, c) - rows(key, c));
      }
      plan.near.values[at] = static_cast<float>(std::exp2(-squares / 2));
    }
  }
  expect_unbiased(plan, 1);
}

TEST(GroupProducts, RelativeToRowSumsAreUnbiased) {
  expect_unbiased(plan_of(attention_points(600, 1000, 16),
                          {.target = ErrorTarget::kRowRelative, .near = 16, .trees = 2}), 1);
}

TEST(GroupProducts, WithEveryKeyTakenAreExact) {
  const GaussianPlan plan = plan_of(tree_points(700, 8), {.near = 8, .trees = 2});
  for (const Index cols : {1, 3}) {
    const Sampled sampled(plan, normal_matrix(plan.keys(), cols, 3));
    EXPECT_LT(square_distance(sampled.product(1e-25F, 1, true), exact(plan, sampled.x)), 1e-10);
  }
}

TEST(GroupProducts, DoNotDependOnTheirNumberOfColumns) {
  const GaussianPlan plan = plan_of(tree_points(700, 8), {.near = 8, .trees = 2});
  Matrix<double> twice(700, 2);
  const Matrix<double> x = normal_matrix(700, 1, 3);
  for (Index i = 0; i < 700; ++i) twice(i, 0) = twice(i, 1) = x(i, 0);
  const Sampled one(plan, x), two(plan, twice);
  // Weights are norms of rows, relative to that of x: those of both are the same.
  for (const bool clip : {true, false}) {
    const Matrix<double> a = one.product(2e-4F, 5, clip), b = two.product(2e-4F, 5, clip);
    for (Index i = 0; i < 700; ++i)
      for (Index c = 0; c < 2; ++c)
        ASSERT_NEAR(b(i, c) * std::sqrt(2.0), a(i, 0), 1e-5) << i;
  }
}

TEST(ErrorModel, PredictsTheErrorOfAProduct) {
  const std::pair<KernelData, GaussianSpec> cases[] = {
      {tree_points(4096), {}},
      {tree_points(4096, 16), {.near = 0}},
      {cluster_points(4096), {.near = 16, .trees = 4}},
      {uniform_points(4096, 8), {.near = 0}},
  };
  for (const auto& [data, spec] : cases) {
    const GaussianPlan plan = plan_of(data, spec);
    for (const Index cols : {1, 2}) {
      const Sampled sampled(plan, normal_matrix(plan.keys(), cols, 3));
      const Matrix<double> truth = exact(plan, sampled.x);
      for (const double epsilon : {0.3, 0.1}) {
        const SamplingRate rate = sampled.choose(epsilon);
        EXPECT_LE(rate.square_error(), epsilon * epsilon);
        double square = 0;
        for (std::uint64_t seed = 0; seed < 3; ++seed)
          square +=
              square_distance(sampled.product(rate.lambda, seed, rate.should_clip()), truth) / 3;
        EXPECT_LT(square, 2 * rate.square_error() + 1e-9) << epsilon << " " << plan.keys();
        EXPECT_GT(square, 0.5 * rate.square_error() * (rate.keys > 5)) << epsilon;
      }
    }
  }
}

TEST(ErrorModel, AsksForMoreKeysWhereLessErrorIsAllowed) {
  const GaussianPlan plan = plan_of(tree_points(2048), {.near = 8, .trees = 2});
  const Sampled sampled(plan, normal_matrix(2048, 1, 3));
  double before = 0;
  for (const double epsilon : {0.5, 0.2, 0.05, 0.01, 1e-4}) {
    const double keys = sampled.choose(epsilon).keys;
    EXPECT_GT(keys, before);
    before = keys;
  }
  EXPECT_GT(before, 0.9 * 2048);
}

}  // namespace
}  // namespace prodigest::kernel
