#include "prodigest/coding/rate_distortion.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "expect_error.hpp"

namespace prodigest::coding {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(CriticalRate, SolvesItsEquationToTheLastBit) {
  const auto excess = [](long double rate) {
    return 0.5L * std::log2(1 + 4 * rate * std::numbers::ln2_v<long double>) - rate;
  };
  EXPECT_GT(excess(std::nextafter(critical_rate(), 0.0)), 0);
  EXPECT_LT(excess(std::nextafter(critical_rate(), 1.0)), 0);
  EXPECT_NEAR(critical_rate(), 0.906323537, 5e-10);
}

TEST(Gamma, HasTheValuesOfTheNote) {
  struct Row {
    double rate, error, last_digit;
  };
  const Row table[] = {
      {0.25, .8589, 1e-4}, {0.5, .7177, 1e-4},  {0.75, .5766, 1e-4},    {1, .4375, 1e-4},
      {1.5, .2344, 1e-4},  {2, .1211, 1e-4},    {2.5, .0615, 1e-4},     {3, .03101, 1e-5},
      {3.5, .01556, 1e-5}, {4, 7.797e-3, 1e-6}, {4.25, 5.517e-3, 1e-6}, {4.5, 3.902e-3, 1e-6},
      {5, 1.952e-3, 1e-6}, {6, 4.882e-4, 1e-7},
  };
  for (const Row& row : table)
    EXPECT_NEAR(gamma(row.rate), row.error, 0.51 * row.last_digit) << "rate " << row.rate;
  EXPECT_NEAR(gamma(critical_rate()), 0.488300, 5e-7);
}

TEST(Gamma, IsOneWithoutBitsAndVanishesWithMany) {
  EXPECT_EQ(gamma(0), 1);
  EXPECT_EQ(gamma(1e6), 0);
  EXPECT_NEAR(gamma(400) / std::ldexp(1.0, -799), 1, 1e-15);
}

TEST(Gamma, IsATangentUpToTheCriticalRate) {
  const double r = critical_rate(), h = 1e-4;
  const double slope_before = (gamma(r) - gamma(r - h)) / h;
  const double slope_after = (-3 * gamma(r) + 4 * gamma(r + h) - gamma(r + 2 * h)) / (2 * h);
  EXPECT_NEAR(slope_before, -0.564588, 5e-7);
  EXPECT_NEAR(slope_after, slope_before, 1e-7);
  EXPECT_NEAR(gamma(std::nextafter(r, 0.0)), gamma(r), 1e-15);
  for (double rate = 0.05; rate < 6; rate += 0.05)  // convex, and below every time sharing
    EXPECT_LE(gamma(rate), 0.5 * (gamma(rate - 0.05) + gamma(rate + 0.05)) + 1e-15);
  for (double rate = 0; rate < r; rate += 0.05)
    EXPECT_LE(gamma(rate), 1 - std::pow(1 - std::pow(4, -rate), 2));
}

TEST(RateFor, IsTheInverseOfGamma) {
  for (double rate = 0; rate < 40; rate += 0.037)
    EXPECT_NEAR(rate_for(gamma(rate)), rate, 2e-15 * (1 + rate)) << rate;
  for (double error = 1; error > 1e-300; error *= 0.83)
    EXPECT_NEAR(gamma(rate_for(error)) / error, 1, 3e-13) << error;
  EXPECT_EQ(rate_for(1), 0);
}

TEST(TestChannel, IsGammaAtEqualRatesAndOneSidedWhereTheOtherIsExact) {
  for (const double rate : {0.95, 1.5, 3.0, 6.0})
    EXPECT_NEAR(test_channel(rate, rate) / gamma(rate), 1, 1e-14);
  EXPECT_NEAR(test_channel(2, 500), std::pow(4, -2), 1e-17);
  EXPECT_EQ(test_channel(1, 3), test_channel(3, 1));
  EXPECT_EQ(test_channel(0, 5), 1);
}

// Independent normals: ||A||² = n d, ||B||² = n m and ||AᵀB||² = n d m.
constexpr ProductScale kIid = {100, 100 * 7, 100 * 3, 100 * 7 * 3};

TEST(Bounds, OfIndependentNormalsAreGamma) {
  const double entries = 100 * 7 * 3;
  for (const double rate : {0.0, 0.4, 1.0, 2.0, 4.0}) {
    EXPECT_NEAR(universal_bound(kIid, rate) / entries, gamma(rate), 1e-14);
    EXPECT_NEAR(one_sided_bound(kIid, rate) / entries, std::pow(4, -rate), 1e-14);
    EXPECT_NEAR(universal_bound(kIid, rate, 3) / entries, test_channel(rate, 3), 1e-14);
  }
  EXPECT_NEAR(unbiased_bound(kIid, 2) / universal_bound(kIid, 2), 1.138, 5e-4);
  EXPECT_NEAR(unbiased_bound(kIid, 4) / universal_bound(kIid, 4), 1.008, 5e-4);
  EXPECT_NEAR(unbiased_bound(kIid, 1) / entries, 0.78, 5e-3);
  EXPECT_NEAR(unbiased_bound(kIid, 0.5) / entries, 2.5, 5e-2);
}

TEST(Bounds, HaveTheSquaredBiasOfTheProduct) {
  const ProductScale only_product = {10, 0, 0, 5};
  EXPECT_DOUBLE_EQ(universal_bound(only_product, 1), 5 * 0.4375 * 0.4375);
  EXPECT_DOUBLE_EQ(universal_bound(only_product, 1, 2), 5 * std::pow(test_channel(1, 2), 2));
  EXPECT_DOUBLE_EQ(one_sided_bound(only_product, 1), 5.0 / 16);
  EXPECT_EQ(unbiased_bound(only_product, 1), 0);
  EXPECT_EQ(universal_bound(only_product, 0), 5);  // the estimate is 0
}

TEST(Bounds, OfUnbiasedProductsAreBetterFromTheDocumentedNormOn) {
  const double error = gamma(2);
  ProductScale scale = {100, 100, 100, 100 * (2 - error) / (1 - error)};
  EXPECT_NEAR(unbiased_bound(scale, 2), universal_bound(scale, 2), 1e-12);
  scale.squared_product *= 1.01;
  EXPECT_LT(unbiased_bound(scale, 2), universal_bound(scale, 2));
  scale.squared_product *= 0.98;
  EXPECT_GT(unbiased_bound(scale, 2), universal_bound(scale, 2));
}

TEST(Bounds, RefuseWhatIsNoRateErrorOrScale) {
  const auto refused = [](const std::string& words, const auto& call) {
    expect_refusal(ErrorCode::kInvalidArgument, words, call);
  };
  for (const double rate : {-1e-300, kNaN, kInfinity, -kInfinity}) {
    refused("gamma: rate must be at least 0 and finite", [&] { gamma(rate); });
    refused("test_channel: rate", [&] { test_channel(rate, 1); });
    refused("test_channel: rate", [&] { test_channel(1, rate); });
    refused("rate", [&] { universal_bound(kIid, rate); });
    refused("rate", [&] { universal_bound(kIid, rate, 1); });
    refused("rate", [&] { unbiased_bound(kIid, rate); });
    refused("one_sided_bound: rate", [&] { one_sided_bound(kIid, rate); });
  }
  for (const double error : {0.0, -1.0, 1.0000001, kNaN})
    refused("rate_for: error must be in (0, 1]", [&] { rate_for(error); });
  refused("unbiased_bound: rate must be positive", [] { unbiased_bound(kIid, 0); });
  refused("universal_bound: expected a row or more, got n = 0", [] { universal_bound({}, 1); });
  refused("squared norms must be at least 0 and finite, got -1", [] {
    one_sided_bound({10, 1, -1, 0}, 1);
  });
  refused("unbiased_bound: squared norms", [] { unbiased_bound({10, 1, 1, kNaN}, 1); });
}

}  // namespace
}  // namespace prodigest::coding
