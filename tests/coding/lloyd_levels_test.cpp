#include "coding/lloyd_levels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace prodigest::coding {
namespace {

double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }

// Simpson's rule.
template <class Function>
double integral(double from, double to, const Function& f) {
  constexpr int kSteps = 400;
  const double h = (to - from) / kSteps;
  double sum = f(from) + f(to);
  for (int i = 1; i < kSteps; ++i) sum += (i % 2 ? 4 : 2) * f(from + i * h);
  return sum * h / 3;
}

TEST(LloydLevels, AreThoseOfMax) {
  const std::vector<std::vector<double>> positive = {
      {.4528, 1.5104},
      {.2451, .7560, 1.3439, 2.1519},
      {.1284, .3880, .6568, .9423, 1.2562, 1.6180, 2.0690, 2.7326},
  };
  for (int bits = 2; bits <= 4; ++bits) {
    const auto levels = lloyd_levels(bits);
    const auto& expected = positive[static_cast<std::size_t>(bits - 2)];
    ASSERT_EQ(levels.size(), 2 * expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(levels[expected.size() + i], expected[i], 6e-5);
      EXPECT_EQ(levels[expected.size() - 1 - i], -levels[expected.size() + i]);
    }
  }
}

TEST(LloydLevels, AreConvergedToFloats) {
  const auto levels = lloyd_levels(6);  // the slowest; by Newton's method, with scipy
  EXPECT_FLOAT_EQ(levels[32], 0.03340950637f);
  EXPECT_FLOAT_EQ(levels[63], 3.744101271f);
}

TEST(LloydLevels, AreTheMeansOfTheirCellsAndHaveTheLeastError) {
  // Newton's method on all levels at once, with scipy: 9.30, 14.62, 20.22, 26.01 and 31.91 dB.
  const double errors[] = {.117482, .0345478, .00950101, .00250467, .000644240};
  for (int bits = 2; bits <= 6; ++bits) {
    const auto levels = lloyd_levels(bits);
    double error = 0, edge = -12;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const double next = i + 1 < levels.size() ? (double{levels[i]} + levels[i + 1]) / 2 : 12;
      const double share = integral(edge, next, density);
      const double mean = integral(edge, next, [](double x) { return x * density(x); }) / share;
      EXPECT_NEAR(levels[i], mean, 2e-7 * (1 + std::abs(mean))) << bits << " bits, level " << i;
      error += integral(edge, next,
                        [&](double x) { return (x - levels[i]) * (x - levels[i]) * density(x); });
      edge = next;
    }
    EXPECT_NEAR(error / errors[bits - 2], 1, 5e-6) << bits;
  }
}

}  // namespace
}  // namespace prodigest::coding
