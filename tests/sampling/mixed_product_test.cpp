// Products of two samples made in different ways, or of a sample and a whole matrix.

#include <gtest/gtest.h>

#include <functional>

#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "reference/matrices.hpp"
#include "reference/monte_carlo.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRows = 60;

struct Pair {
  Matrix<double> a, b;
};

// Not so heavy that 4,000 trials could not show a bias.
Pair pair_of_matrices() {
  Normals normals(77);
  Pair pair{normal_matrix(normals, kRows, 3), normal_matrix(normals, kRows, 2)};
  for (Index i = 0; i < kRows; ++i) {
    for (double& x : pair.a.view().row(i)) x *= 1 + 3 * normals.uniform();
    for (double& x : pair.b.view().row(i)) x += 0.5;
  }
  return pair;
}

// User weights: anything positive will do.
RowSample sample_of(const Matrix<double>& matrix, std::string_view text, std::uint64_t seed) {
  SampleSpec spec = parse_sample_spec(text);
  spec.seed.value = seed;
  if (spec.weight != Weight::kUser) return sample_rows(matrix.view(), spec);
  std::vector<double> weights;
  for (Index i = 0; i < matrix.rows; ++i) weights.push_back(1 + static_cast<double>(i % 7));
  RowSampler sampler(spec, matrix.cols);
  sampler.update(matrix.view(), numbers(matrix.rows), weights);
  return std::move(sampler).finish();
}

using Estimate = std::function<ProductEstimate(const Pair&, std::uint64_t seed)>;

void expect_unbiased(const Estimate& estimate) {
  const Pair pair = pair_of_matrices();
  const Matrix<double> truth = exact_product(pair.a, pair.b);
  std::vector<MeanOfTrials> entries(truth.storage.size());
  MeanOfTrials excess, error;
  for (std::uint64_t trial = 0; trial < 4000; ++trial) {
    const ProductEstimate product = estimate(pair, trial);
    for (std::size_t i = 0; i < entries.size(); ++i) entries[i].add(product.value.storage[i]);
    const double squared_error = squared_distance(product.value, truth);
    error.add(squared_error);
    excess.add(std::pow(product.frobenius_error.estimated, 2) - squared_error);
  }
  EXPECT_GT(error.mean(), 0);
  EXPECT_LT(excess.errors_from(0), 4);
  EXPECT_LT(excess.standard_error() / error.mean(), 0.05);
  for (std::size_t i = 0; i < entries.size(); ++i)
    EXPECT_LT(entries[i].errors_from(truth.storage[i]), 4) << "entry " << i;
}

void expect_unbiased(const char* spec_a, const char* spec_b) {
  SCOPED_TRACE(std::string(spec_a) + " and " + spec_b);
  expect_unbiased([&](const Pair& pair, std::uint64_t seed) {
    return estimate_product(sample_of(pair.a, spec_a, seed), sample_of(pair.b, spec_b, seed));
  });
}

TEST(MixedProduct, IsUnbiasedForUnequalSizes) {
  expect_unbiased("priority:size=10", "priority:size=25");
  expect_unbiased("threshold:size=25", "threshold:size=10,tau=plain");
}

TEST(MixedProduct, IsUnbiasedForDifferentMethods) {
  expect_unbiased("priority:size=15", "threshold:size=20");
  expect_unbiased("threshold:size=15,tau=plain", "priority:size=20");
}

TEST(MixedProduct, IsUnbiasedForDifferentWeights) {
  expect_unbiased("priority:size=15,weight=norm", "priority:size=15,weight=uniform");
  expect_unbiased("priority:size=15,mixture=0.5", "threshold:size=15,weight=norm");
  expect_unbiased("priority:size=15,weight=user", "threshold:size=15,tau=plain,weight=user");
  expect_unbiased("priority:size=15,weight=leverage", "priority:size=15");
  expect_unbiased("threshold:size=15,weight=ridge_leverage,ridge=2,mixture=0.3",
                  "priority:size=20,weight=uniform");
}

TEST(OneSidedProduct, IsUnbiasedForAMatrixInMemory) {
  for (const char* spec : {"priority:size=10", "threshold:size=10,weight=norm"}) {
    SCOPED_TRACE(spec);
    expect_unbiased([&](const Pair& pair, std::uint64_t seed) {
      return estimate_product(sample_of(pair.a, spec, seed), pair.b.view(), numbers(kRows));
    });
  }
}

TEST(OneSidedProduct, HasHalfTheWorstCaseError) {
  const Pair pair = pair_of_matrices();
  const RowSample a = sample_of(pair.a, "priority:size=10", 1);
  const RowSample b = sample_of(pair.b, "priority:size=10", 1);
  const double two = estimate_product(a, b).frobenius_error.apriori;
  const double one = estimate_product(a, pair.b.view(), numbers(kRows)).frobenius_error.apriori;
  EXPECT_NEAR(two * two, 2 * one * one, 1e-9 * two * two);
  EXPECT_NEAR(one * one, squared_norm(pair.a) * squared_norm(pair.b) / (9 * 0.05),
              1e-9 * one * one);
}

}  // namespace
}  // namespace prodigest::sampling
