#include "attention/power_weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "attention/weighted_mean.hpp"
#include "core/draws.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

template <Real T>
AlignedMatrix<T> normals(Index rows, Index cols, std::uint64_t seed) {
  AlignedMatrix<T> x(rows, cols);
  std::vector<double> numbers(x.all().size());
  random_normals(Seed{seed}, 0, numbers);
  std::ranges::transform(numbers, x.all().begin(), [](double v) { return static_cast<T>(v); });
  return x;
}

template <Real T>
constexpr double kTolerance = sizeof(T) == 4 ? 1e-5 : 1e-14;

template <Real T>
void expect_powers(const PowerWeights& how, Index rows, Index cols) {
  const auto scores = normals<T>(rows, cols, 1), dweights = normals<T>(rows, cols, 2);
  const auto h = normals<T>(1, rows, 3);
  auto weights = scores, dscores = scores, again = dweights;
  std::vector<T> totals(static_cast<std::size_t>(rows), T{2});
  weights_of_scores(how, weights.view(), totals);
  auto more = h;
  const double dgain = weights_backward(how, dscores.view(), again.view(), more.all());
  double expected_dgain = 0, size = 1;
  for (Index i = 0; i < rows; ++i) {
    double total = 2;
    for (Index j = 0; j < cols; ++j) {
      const bool seen = j < how.visible + i;
      const double s = scores.view()(i, j);
      const double power = seen ? std::pow(s, how.power) : 0;
      const double dw = static_cast<double>(dweights.view()(i, j)) + h.view()(0, i);
      const double slope = seen ? how.gain * how.power * std::pow(s, how.power - 1) * dw : 0;
      total += how.gain * power;
      expected_dgain += power * dw;
      size += std::abs(power * dw);
      const auto near = [](T got, double expected) {
        ASSERT_NEAR(got, expected, kTolerance<T> * (1 + std::abs(expected)));
      };
      near(weights.view()(i, j), how.gain * power);
      near(again.view()(i, j), how.gain * power);
      near(dscores.view()(i, j), slope);
    }
    ASSERT_NEAR(totals[static_cast<std::size_t>(i)], total, kTolerance<T> * total);
  }
  ASSERT_NEAR(dgain, expected_dgain, kTolerance<T> * size);
}

TEST(PowerWeights, AreTheFormulaForEveryInstructionSet) {
  for_each_instruction_set([] {
    for (const int power : {2, 4, 8})
      for (const Index cols : {1, 15, 16, 40, 64})
        for (const Index visible : {-3, 0, 1, 17, 64, 100}) {
          SCOPED_TRACE(testing::Message() << power << " " << cols << " " << visible);
          expect_powers<double>({power, 0.7, visible}, 20, cols);
          expect_powers<float>({power, 0.7, visible}, 20, cols);
        }
  });
}

template <Real T>
void expect_means(Index rows, Index cols) {
  auto sums = normals<T>(rows, cols, 1);
  const auto before = sums;
  auto totals = normals<T>(1, rows, 2);
  totals.view()(0, rows / 2) = 0;
  const std::span<const T> all = totals.all().first(static_cast<std::size_t>(rows));
  divide_by_totals(sums.view(), all);
  auto dsums = normals<T>(rows, cols, 3);
  const auto dmeans = dsums;
  std::vector<T> dtotals(static_cast<std::size_t>(rows));
  divide_by_totals_backward(sums.view(), dsums.view(), all, dsums.view(), dtotals);
  for (Index i = 0; i < rows; ++i) {
    const double total = all[static_cast<std::size_t>(i)];
    double along = 0, size = 0;
    for (Index j = 0; j < cols; ++j) {
      const double mean = total == 0 ? 0 : before.view()(i, j) / total;
      const double dsum = total == 0 ? 0 : dmeans.view()(i, j) / total;
      ASSERT_NEAR(sums.view()(i, j), mean, kTolerance<T> * (1 + std::abs(mean)));
      ASSERT_NEAR(dsums.view()(i, j), dsum, kTolerance<T> * (1 + std::abs(dsum)));
      along -= mean * dsum;
      size += std::abs(mean * dsum);
    }
    ASSERT_NEAR(dtotals[static_cast<std::size_t>(i)], along, kTolerance<T> * (1 + size));
  }
}

TEST(WeightedMean, IsTheQuotientForEveryWidthAndInstructionSet) {
  for_each_instruction_set([] {
    for (const Index cols : {1, 2, 7, 16, 33, 64}) {
      expect_means<double>(5, cols);
      expect_means<float>(5, cols);
    }
  });
}

}  // namespace
}  // namespace prodigest::attention
