// Products of samples with coded values: without bias, with the error that they say.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/matrices.hpp"
#include "reference/monte_carlo.hpp"
#include "sampling/thresholds.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRows = 6;
constexpr int kTrials = 1500;

SampleSpec spec_of(const std::string& text, std::uint64_t seed) {
  SampleSpec spec = parse_sample_spec(text);
  spec.seed.value = seed;
  return spec;
}

// All rows, so that the only error is that of the codes.
SampleSpec every_row(const std::string& coding, std::uint64_t seed) {
  return spec_of("priority:size=1000,values=lattice:" + coding, seed);
}

// What trials of W say about its error.
struct Trials {
  explicit Trials(const Matrix<double>& truth_)
      : truth(truth_), entries(truth.storage.size()), excess(truth.storage.size()) {}

  Matrix<double> truth;
  std::vector<MeanOfTrials> entries;  // W - AᵀB
  std::vector<MeanOfTrials> excess;   // estimated variance - squared error, of each entry
  MeanOfTrials error, estimate, difference, variances;  // squared

  void add(const ProductEstimate& w) {
    double variance = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const double miss = w.value.storage[i] - truth.storage[i];
      entries[i].add(miss);
      const double square = std::pow(w.standard_deviation.storage[i], 2);
      excess[i].add(square - miss * miss);
      variance += square;
    }
    error.add(squared_distance(w.value, truth));
    estimate.add(std::pow(w.frobenius_error.estimated, 2));
    difference.add(std::pow(w.frobenius_error.estimated, 2) - squared_distance(w.value, truth));
    variances.add(variance);
  }
  // How many standard errors the worst entry's mean lies from that of the product.
  double worst() const {
    double worst = 0;
    for (const MeanOfTrials& entry : entries) worst = std::max(worst, entry.errors_from(0));
    return worst;
  }
  // What it is below with chance 0.999, if there is no bias.
  double limit() const {
    return std::sqrt(2 * std::log(1000.0 * static_cast<double>(entries.size())));
  }
  // The part of the squared error that is bias, less what chance makes of none.
  double bias_share() const {
    double bias = 0, chance = 0;
    for (const MeanOfTrials& entry : entries) {
      bias += entry.mean() * entry.mean();
      chance += std::pow(entry.standard_error(), 2);
    }
    return (bias - chance) / error.mean();
  }
};

Trials trials_of(const Matrix<double>& a, const Matrix<double>& b, const std::string& coding,
                 int count = kTrials) {
  Trials trials(exact_product(a, b));
  for (int trial = 0; trial < count; ++trial) {
    const SampleSpec spec = every_row(coding, static_cast<std::uint64_t>(trial));
    trials.add(estimate_product(sample_rows(a.view(), spec), sample_rows(b.view(), spec),
                                {.standard_deviations = true}));
  }
  return trials;
}

// Rows with so many entries that are not zero, in 40 columns.
Matrix<double> few_entries(Normals& normals, Index entries) {
  Matrix<double> a(kRows, 40);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < entries; ++j) a(i, (5 * i + 11 * j) % 40) = normals();
  return a;
}

class Coding : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Formats, Coding,
                         testing::Values("F4", "F4pair", "F4fast", "F3", "F2", "I8"),
                         [](const auto& of) { return std::string(of.param); });

TEST_P(Coding, OfDenseRowsLeavesProductsUnbiasedAndTheirErrorsKnown) {
  Normals normals(111);
  for (const Index cols : {2, 3, 8, 16, 128}) {
    SCOPED_TRACE(cols);
    const Matrix<double> a = normal_matrix(normals, kRows, cols),
                         b = normal_matrix(normals, kRows, 3);
    const Trials trials = trials_of(a, b, GetParam());
    EXPECT_LT(trials.worst(), trials.limit());
    EXPECT_LT(std::abs(trials.bias_share()), 0.001);
    EXPECT_LT(trials.difference.errors_from(0), 4);
    EXPECT_NEAR(trials.estimate.mean() / trials.error.mean(), 1, 0.03);
    EXPECT_NEAR(trials.variances.mean() / trials.error.mean(), 1, 0.03);
    for (const MeanOfTrials& entry : trials.excess) EXPECT_LT(entry.errors_from(0), 4.5);
  }
}

TEST_P(Coding, OfRowsWithFewEntriesLeavesProductsUnbiased) {
  Normals normals(112);
  for (const Index entries : {1, 2, 3, 4, 5}) {
    SCOPED_TRACE(entries);
    const Matrix<double> a = few_entries(normals, entries), b = normal_matrix(normals, kRows, 1);
    const Trials trials = trials_of(a, b, GetParam());
    if (entries == 1) {  // nothing errs
      EXPECT_LT(trials.error.mean(), 1e-30 * squared_norm(trials.truth));
      EXPECT_LT(trials.estimate.mean(), 1e-15 * squared_norm(trials.truth));
      continue;
    }
    for (std::size_t i = 0; i < trials.entries.size(); ++i) {
      if (trials.truth.storage[i] == 0)
        EXPECT_EQ(trials.entries[i].mean(), 0);
      else
        EXPECT_LT(trials.entries[i].errors_from(0), 4);
    }
    EXPECT_NEAR(trials.estimate.mean() / trials.error.mean(), 1, 0.03);
  }
}

// Equal entries are what rotations by signs alone fail on: they have few places to go.
TEST(CodedProduct, OfRowsOfOnesIsUnbiased) {
  Matrix<double> ones(kRows, 40), column(kRows, 1);
  std::ranges::fill(column.storage, 1);
  for (const Index entries : {2, 3, 4, 5, 8}) {
    for (Index i = 0; i < kRows; ++i)
      for (Index j = 0; j < entries; ++j) ones(i, j) = 1;
    const Trials trials = trials_of(ones, column, "F4", 4000);
    for (std::size_t i = 0; i < static_cast<std::size_t>(entries); ++i)
      EXPECT_LT(trials.entries[i].errors_from(0), 4);
    EXPECT_LT(std::abs(trials.bias_share()), 0.001);
  }
}

TEST_P(Coding, OfOneMatrixLeavesItsGramMatrixUnbiased) {
  Normals normals(113);
  for (const Index cols : {2, 3, 8, 64}) {
    SCOPED_TRACE(cols);
    const Matrix<double> a = normal_matrix(normals, kRows, cols);
    const Trials trials = trials_of(a, a, GetParam());
    EXPECT_LT(trials.worst(), trials.limit());
    EXPECT_LT(std::abs(trials.bias_share()), 0.001);
    EXPECT_NEAR(trials.estimate.mean() / trials.error.mean(), 1, 0.06);
    for (Index j = 0; j < cols; ++j) {  // the diagonal's variances, by an approximation
      const auto at = static_cast<std::size_t>(j * cols + j);
      const double truth = trials.entries[at].standard_error() * std::sqrt(kTrials);
      EXPECT_LT(std::abs(trials.excess[at].mean()),
                0.03 * truth * truth + 4.5 * trials.excess[at].standard_error())
          << j;
    }
  }
}

// Without the correction the diagonal would be too large by what coding adds to the norms.
TEST(CodedProduct, OfOneMatrixTakesTheCommonErrorOut) {
  Normals normals(114);
  const Matrix<double> a = normal_matrix(normals, 200, 16);
  const RowSample sample = sample_rows(a.view(), every_row("F4", 1));
  const Matrix<double> decoded = dense_of(sample.values());
  const Matrix<double> naive = exact_product(decoded, decoded);
  const Matrix<double> w = estimate_product(sample, sample).value;
  double naive_trace = 0, trace = 0;
  for (Index j = 0; j < 16; ++j) naive_trace += naive(j, j), trace += w(j, j);
  EXPECT_NEAR(naive_trace / squared_norm(a), 1.0041, 0.0005);
  EXPECT_NEAR(trace / squared_norm(a), 1, 1e-6);
}

// The rows that both sides hold alike are some of those of the sample.
TEST(CodedProduct, OfSamplesOfOneMatrixInTwoSizesIsUnbiased) {
  Normals normals(115);
  const Matrix<double> a = heavy_matrix(normals, 40, 4);
  Trials trials(exact_product(a, a));
  for (std::uint64_t seed = 0; seed < 4000; ++seed)
    trials.add(estimate_product(sample_rows(a.view(), spec_of("threshold:size=12,values=F2", seed)),
                                sample_rows(a.view(), spec_of("threshold:size=20,values=F2", seed)),
                                {.standard_deviations = true}));
  EXPECT_LT(trials.worst(), trials.limit());
  EXPECT_LT(trials.difference.errors_from(0), 4);
}

// Sampling and coding together, on sides of any kind.
TEST(CodedProduct, OfSampledRowsIsUnbiasedAndKnowsItsError) {
  Normals normals(116);
  const Matrix<double> a = heavy_matrix(normals, 60, 12), b = heavy_matrix(normals, 60, 3);
  const std::pair<const char*, const char*> sides[] = {{",values=F3", ",values=F3"},
                                                       {",values=F2", ""},
                                                       {"", ",values=F4"},
                                                       {",values=F2", "exact"}};
  for (const char* method : {"priority:size=20", "threshold:size=20,weight=norm"})
    for (const auto& [left, right] : sides) {
      SCOPED_TRACE(std::string(method) + left + " and " + right);
      Trials trials(exact_product(a, b));
      for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        const RowSample sample = sample_rows(a.view(), spec_of(std::string(method) + left, seed));
        constexpr ProductOptions kOptions{.standard_deviations = true};
        trials.add(right == std::string("exact")
                       ? estimate_product(sample, b.view(), numbers(60), kOptions)
                       : estimate_product(
                             sample,
                             sample_rows(b.view(), spec_of(std::string(method) + right, seed)),
                             kOptions));
      }
      EXPECT_LT(trials.worst(), trials.limit());
      EXPECT_LT(trials.difference.errors_from(0), 4);
      for (const MeanOfTrials& entry : trials.excess) EXPECT_LT(entry.errors_from(0), 4.5);
    }
}

// sum of ||A_i||² ||B_i||² ((1 + v_a) (1 + v_b) / p_i - 1), p_i those of a threshold.
TEST(CodedProduct, ErrsAsTheFormulaSays) {
  Normals normals(117);
  constexpr Index kSize = 20;
  const Matrix<double> a = heavy_matrix(normals, 60, 64), b = normal_matrix(normals, 60, 16);
  const std::vector<double> left = squared_row_norms(a), right = squared_row_norms(b);
  const double sampling = threshold_error(Method::kThreshold, left, right, kSize);
  const double tau_a = threshold_tau(Method::kThreshold, left, kSize),
               tau_b = threshold_tau(Method::kThreshold, right, kSize);
  double all = 0;  // sum of ||A_i||² ||B_i||² / p_i
  for (std::size_t i = 0; i < left.size(); ++i)
    all += left[i] * right[i] / std::min({1.0, left[i] * tau_a, right[i] * tau_b});
  MeanOfTrials error, estimate, noise_a, noise_b;
  for (std::uint64_t seed = 0; seed < 2500; ++seed) {
    const SampleSpec spec = spec_of("threshold:size=20,values=F2", seed);
    const RowSample sample_a = sample_rows(a.view(), spec), sample_b = sample_rows(b.view(), spec);
    const ProductEstimate w = estimate_product(sample_a, sample_b);
    error.add(squared_distance(w.value, exact_product(a, b)));
    estimate.add(std::pow(w.frobenius_error.estimated, 2));
    for (const float noise : sample_a.parts().coded->noises) noise_a.add(noise);
    for (const float noise : sample_b.parts().coded->noises) noise_b.add(noise);
  }
  const double expected = sampling + all * ((1 + noise_a.mean()) * (1 + noise_b.mean()) - 1);
  EXPECT_GT(expected, 1.1 * sampling);
  EXPECT_LT(error.errors_from(expected), 4);
  EXPECT_LT(estimate.errors_from(expected), 4);
  EXPECT_NEAR(error.mean() / expected, 1, 0.03);
}

TEST(CodedProduct, IsWithinItsBounds) {
  Normals normals(118);
  const Matrix<double> a = heavy_matrix(normals, 100, 8), b = heavy_matrix(normals, 100, 8);
  const Matrix<double> truth = exact_product(a, b);
  for (const char* text : {"priority:size=30,values=F2", "priority:size=100,values=F2"}) {
    int within_bound = 0, within_apriori = 0;
    constexpr int kSeeds = 1000;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const SampleSpec spec = spec_of(text, seed);
      const ProductEstimate w =
          estimate_product(sample_rows(a.view(), spec), sample_rows(b.view(), spec));
      const double error = std::sqrt(squared_distance(w.value, truth));
      within_bound += error <= w.frobenius_error.bound;
      within_apriori += error <= w.frobenius_error.apriori;
      EXPECT_TRUE(std::isfinite(w.frobenius_error.apriori));
    }
    EXPECT_GE(within_bound, 950);
    EXPECT_GE(within_apriori, 950);
  }
}

}  // namespace
}  // namespace prodigest::sampling
