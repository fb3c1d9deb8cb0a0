#include "prodigest/sampling/plan.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"

namespace prodigest::sampling {
namespace {

TEST(Plan, GivesTheSizesOfTheTheorem) {
  EXPECT_EQ(plan(0.1, 0.05), 4001);
  EXPECT_EQ(plan(0.05, 0.05), 16001);
  EXPECT_EQ(plan(0.1, 0.05, 1), 2001);
  EXPECT_EQ(plan(0.5, 0.5), 17);
  EXPECT_EQ(plan(100, 0.5), 2);  // never below what a priority sample needs
  EXPECT_EQ(expected_size(0.1), 201);
  EXPECT_EQ(expected_size(0.1, 1), 101);
  EXPECT_EQ(expected_size(1), 3);
}

TEST(Plan, GivesTheLeastSizeThatKeepsThePromise) {
  for (double epsilon = 0.01; epsilon < 1; epsilon *= 1.37)
    for (double delta = 0.001; delta < 1; delta *= 2.3)
      for (const int sides : {1, 2}) {
        const auto variance = [&](Index size) { return sides / static_cast<double>(size - 1); };
        const Index size = plan(epsilon, delta, sides);
        EXPECT_LE(variance(size), delta * epsilon * epsilon * (1 + 1e-9));
        EXPECT_TRUE(size == 2 || variance(size - 1) > delta * epsilon * epsilon * (1 - 1e-9));
      }
}

TEST(Plan, RefusesWhatIsNoPromise) {
  const auto refused = [](const std::string& words, const auto& call) {
    expect_refusal(ErrorCode::kInvalidArgument, words, call);
  };
  for (const double epsilon : {0.0, -1.0, double(NAN), double(INFINITY)}) {
    refused("plan: epsilon must be positive, got ", [&] { plan(epsilon, 0.05); });
    refused("plan: epsilon must be positive, got ", [&] { expected_size(epsilon); });
  }
  for (const double delta : {0.0, 1.0, -0.1, 2.0, double(NAN)})
    refused("plan: delta must be in (0, 1), got ", [&] { plan(0.1, delta); });
  for (const int sides : {0, 3, -1}) {
    refused("plan: sides must be 1 or 2, got ", [&] { plan(0.1, 0.05, sides); });
    refused("plan: sides must be 1 or 2, got ", [&] { expected_size(0.1, sides); });
  }
  refused("rows (choose a larger epsilon)", [] { plan(1e-9, 0.05); });
  refused("rows (choose a larger epsilon)", [] { plan(1e-200, 0.05); });
}

}  // namespace
}  // namespace prodigest::sampling
