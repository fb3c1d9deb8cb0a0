// How often the bounds of a product's error hold.

#include <gtest/gtest.h>

#include <cmath>

#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/families.hpp"
#include "reference/matrices.hpp"
#include "sampling/method_name.hpp"
#include "reference/monte_carlo.hpp"

namespace prodigest::sampling {
namespace {

constexpr int kTrials = 1000;
constexpr Index kRows = 1000, kSize = 100;

struct Coverage {
  double bound = 0, apriori = 0, variance_alone = 0;  // share of trials in which each held
  MeanOfTrials bound_to_apriori;
};

Coverage coverage_of(const Family& family, Method method) {
  const Matrix<double> truth = exact_product(family.a, family.b);
  Coverage share;
  SampleSpec spec{.method = method, .size = kSize, .seed = {}, .totals = Totals::kNorm};
  for (int trial = 0; trial < kTrials; ++trial) {
    spec.seed.value = static_cast<std::uint64_t>(trial);
    const ProductEstimate product =
        estimate_product(sample_rows(family.a.view(), spec), sample_rows(family.b.view(), spec));
    const FrobeniusError& error = product.frobenius_error;
    const double actual = std::sqrt(squared_distance(product.value, truth));
    share.bound += actual <= error.bound;
    share.apriori += actual <= error.apriori;
    share.variance_alone += actual <= error.estimated / std::sqrt(1 - error.confidence);
    share.bound_to_apriori.add(error.bound / error.apriori);
  }
  for (double* count : {&share.bound, &share.apriori, &share.variance_alone}) *count /= kTrials;
  return share;
}

class Bounds : public testing::TestWithParam<std::tuple<int, Method>> {};

TEST_P(Bounds, HoldWithAtLeastTheirConfidenceInEveryFamily) {
  const auto& [which, method] = GetParam();
  const Coverage share = coverage_of(norm_family(which, kRows), method);
  // four standard errors above 95 %, so that the true rate is not below it either
  EXPECT_GE(share.bound, 0.95 + four_errors_of_rate(0.95, kTrials));
  EXPECT_GE(share.apriori, 0.95 + four_errors_of_rate(0.95, kTrials));
  // and they are no larger than need be: the bound from the rows beats that from the norms
  EXPECT_LT(share.bound_to_apriori.mean(), 1);
  EXPECT_GT(share.bound_to_apriori.mean(), 0.01);
}

class Spike : public testing::TestWithParam<Method> {};

TEST_P(Spike, EscapesABoundWithoutTheBlindTerm) {
  const Coverage share = coverage_of(norm_family(kSpikeFamily, kRows), GetParam());
  EXPECT_LT(share.variance_alone, 0.5 - four_errors_of_rate(0.5, kTrials));
}

constexpr auto kMethods = {Method::kPriority, Method::kThreshold};
std::string case_name(const testing::TestParamInfo<std::tuple<int, Method>>& info) {
  const auto& [family, method] = info.param;
  return norm_family(family, 10).name + method_name(method);
}
INSTANTIATE_TEST_SUITE_P(AllFamilies, Bounds,
                         testing::Combine(testing::Range(0, kFamilies),
                                          testing::ValuesIn(kMethods)),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Methods, Spike, testing::ValuesIn(kMethods), method_test_name);

}  // namespace
}  // namespace prodigest::sampling
