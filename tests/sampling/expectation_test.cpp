// The expected estimate as an integral over all hashes: no seed, no chance.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "sampling/candidates.hpp"
#include "sampling/method_name.hpp"

namespace prodigest::sampling {
namespace {

using Weights = std::array<double, 3>;

// Estimate of sum of a_i b_i, with a_i² and b_i² the weights, at one point of the hash cube.
double estimate_at(const Weights& a, const Weights& b, const std::array<double, 3>& u,
                   Method method) {
  struct Sample {
    std::array<bool, 3> kept{};
    double tau = 0;
  };
  const auto sample = [&](const Weights& weights) {
    std::vector<Candidate> list;
    ExactSum total;
    for (std::size_t i = 0; i < 3; ++i) {
      list.push_back({u[i] / weights[i], i, weights[i], i});
      total.add(weights[i]);
    }
    Sample result;
    result.tau = cut_to_sample(method, 2, total, list).tau;
    for (const Candidate& candidate : list) result.kept[candidate.row] = true;
    return result;
  };
  const Sample of_a = sample(a), of_b = sample(b);
  double estimate = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!of_a.kept[i] || !of_b.kept[i]) continue;
    const double p = std::min({1.0, a[i] * of_a.tau, b[i] * of_b.tau});
    estimate += std::sqrt(a[i] * b[i]) / p;
  }
  return estimate;
}

class HashCube : public testing::TestWithParam<Method> {};

TEST_P(HashCube, AveragesToTheProductForThreeRowsOfWhichTwoAreKept) {
  constexpr int kSteps = 80;
  const Weights a = {4, 2, 1}, b = {1, 3, 2};
  double truth = 0;
  for (std::size_t i = 0; i < 3; ++i) truth += std::sqrt(a[i] * b[i]);
  double mean = 0;
  const auto middle = [](int step) { return (step + 0.5) / kSteps; };
  for (int x = 0; x < kSteps; ++x)
    for (int y = 0; y < kSteps; ++y)
      for (int z = 0; z < kSteps; ++z)
        mean += estimate_at(a, b, {middle(x), middle(y), middle(z)}, GetParam());
  mean /= std::pow(kSteps, 3);
  // Where the cut runs along cells their centres are off by up to the width of one.
  EXPECT_NEAR(mean / truth, 1, 1.0 / kSteps);
}

INSTANTIATE_TEST_SUITE_P(Methods, HashCube, kAllMethods, method_test_name);

}  // namespace
}  // namespace prodigest::sampling
