// Means over seeds against the truth and the exact variance. Seeds are fixed, so each of these
// passes always or never; the standard errors say how far off a wrong rule would have to be.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "prodigest/core/random.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/families.hpp"
#include "reference/matrices.hpp"
#include "sampling/method_name.hpp"
#include "reference/monte_carlo.hpp"
#include "sampling/thresholds.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRows = 400;

// The rule of an earlier program of the same authors: tau is the k-th smallest rank, inclusive.
double squared_norm_by_wrong_rule(const RowSample& sample) {
  double tau = 0, sum = 0;
  for (std::size_t i = 0; i < sample.row_ids().size(); ++i)
    tau = std::max(tau, uniform(sample.spec().seed, Domain::kRowSelection, sample.row_ids()[i]) /
                            sample.weights()[i]);
  for (const double w : sample.weights()) sum += w / std::min(1.0, w * tau);
  return sum;
}

TEST(SmallSamples, AreUnbiasedAndAWrongTauWouldShow) {
  Normals normals(5);
  const Matrix<double> a = normal_matrix(normals, 300, 1);
  const double truth = squared_norm(a);
  SampleSpec spec{.size = 5, .seed = {}, .totals = Totals::kNorm};
  MeanOfTrials ratio, wrong;
  for (std::uint64_t trial = 0; trial < 20000; ++trial) {
    spec.seed.value = trial;
    const RowSample sample = sample_rows(a.view(), spec);
    ratio.add(estimate_product(sample, sample).value(0, 0) / truth);
    wrong.add(squared_norm_by_wrong_rule(sample) / truth);
  }
  EXPECT_LT(ratio.standard_error(), 0.005);
  EXPECT_LT(ratio.errors_from(1), 4);
  // k / (k - 1) in theory; forty standard errors from 1
  EXPECT_LT(wrong.errors_from(1.25), 4);
  EXPECT_GT(wrong.errors_from(1), 30);
}

// A row kept in one of 10,000 samples may hold half of the variance, which 4,000 trials cannot
// show: for thresholds, whose error is compared with an exact number, such rows are left out.
void drop_rare_rows(Family& family, Method method, Index size) {
  const std::vector<double> a = squared_row_norms(family.a), b = squared_row_norms(family.b);
  const double tau_a = threshold_tau(method, a, size), tau_b = threshold_tau(method, b, size);
  for (Index i = 0; i < family.a.rows; ++i)
    if (const auto at = static_cast<std::size_t>(i); std::min(a[at] * tau_a, b[at] * tau_b) < 0.01)
      std::ranges::fill(family.b.view().row(i), 0);
}

struct Case {
  int family;
  Method method;
  Index size;
};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  const auto& [family, method, size] = info.param;
  return norm_family(family, 10).name + method_name(method) + std::to_string(size);
}

class NormFamily : public testing::TestWithParam<Case> {};

TEST_P(NormFamily, ProductVarianceAndEntryDeviationsAreUnbiased) {
  constexpr int kTrials = 4000;
  const auto& [which, method, size] = GetParam();
  Family family = norm_family(which, kRows);
  if (method != Method::kPriority) drop_rare_rows(family, method, size);
  const Matrix<double> truth = exact_product(family.a, family.b);
  const std::vector<double> a_norms = squared_row_norms(family.a);
  const std::vector<double> b_norms = squared_row_norms(family.b);
  const double norms = squared_norm(family.a) * squared_norm(family.b);

  std::vector<MeanOfTrials> entries(truth.storage.size()), deviations(truth.storage.size());
  MeanOfTrials error, estimate, excess, apriori_holds;
  std::vector<double> estimates;
  SampleSpec spec{.method = method, .size = size, .seed = {}, .totals = Totals::kNorm};
  for (int trial = 0; trial < kTrials; ++trial) {
    spec.seed.value = static_cast<std::uint64_t>(1'000'000 * size + trial);
    const ProductEstimate product =
        estimate_product(sample_rows(family.a.view(), spec), sample_rows(family.b.view(), spec),
                         {.standard_deviations = true});
    const double squared_error = squared_distance(product.value, truth);
    const double estimated = std::pow(product.frobenius_error.estimated, 2);
    error.add(squared_error);
    estimate.add(estimated);
    estimates.push_back(estimated);
    excess.add(estimated - squared_error);
    apriori_holds.add(std::sqrt(squared_error) <= product.frobenius_error.apriori);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const double entry_error = product.value.storage[i] - truth.storage[i];
      entries[i].add(entry_error);
      deviations[i].add(std::pow(product.standard_deviation.storage[i], 2) -
                        entry_error * entry_error);
    }
  }

  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_LT(entries[i].errors_from(0), 5) << "entry " << i;
    EXPECT_LT(deviations[i].errors_from(0), 5) << "entry " << i;
  }
  EXPECT_LT(excess.errors_from(0), 4);
  if (which == kSpikeFamily) {
    // Nearly all of the error is the spike's, and a sample without it knows nothing of it.
    EXPECT_GT(std::ranges::count_if(estimates, [&](double x) { return x < 0.05 * error.mean(); }),
              kTrials / 3);
  } else {
    EXPECT_LT(excess.standard_error() / error.mean(), 0.03 / 4);
    EXPECT_NEAR(estimate.mean() / error.mean(), 1, 0.03);
  }
  if (method != Method::kPriority) {
    const double exact = threshold_error(method, a_norms, b_norms, size);
    EXPECT_LT(error.errors_from(exact), 4);
    EXPECT_LT(estimate.errors_from(exact), 4);
  }
  const double factor = static_cast<double>(method == Method::kPriority ? size - 1 : size) / norms;
  EXPECT_LE(error.mean() * factor, 2 + 4 * error.standard_error() * factor);
  EXPECT_GE(apriori_holds.mean(), 0.95 + four_errors_of_rate(0.95, kTrials));
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (int family = 0; family < kFamilies; ++family)
    for (const Method method : {Method::kPriority, Method::kThreshold, Method::kPlainThreshold})
      for (const Index size : {40, 160}) cases.push_back({family, method, size});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(AllFamilies, NormFamily, testing::ValuesIn(all_cases()), case_name);

}  // namespace
}  // namespace prodigest::sampling
