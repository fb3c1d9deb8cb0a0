#include "prodigest/compare/compare.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "compare/pairs.hpp"
#include "expect_error.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::compare {
namespace {

std::vector<Method> methods(std::initializer_list<const char*> names) {
  std::vector<Method> result;
  for (const char* const name : names) result.push_back(parse_method(name));
  return result;
}

TEST(Compare, MeasuresWhatADirectRunGives) {
  const KnownProduct known = sparse_pair(600, 20, 15).known();
  const CompareOptions options{
      .budgets = {parse_budget("40"), parse_budget("100")},
      .methods = methods({"priority:weight=norm", "threshold", "osnap:nonzeros=4"}),
      .seeds = 7};
  const Comparison found = compare(known, options, kOneThread);
  ASSERT_EQ(found.budgets.size(), 2);
  for (std::size_t t = 0; t < 2; ++t)
    for (const Measurement& m : found.budgets[t].measured) {
      EXPECT_EQ(m.size, t == 0 ? 40 : 100);
      // Truncating one large sample is the same as sampling anew.
      const double direct = rms(errors_of(known, digest::to_text(m.method.spec), 7));
      EXPECT_NEAR(m.error.rms, direct, 1e-12) << m.method.name;
      EXPECT_LE(m.error.low, m.error.median);
      EXPECT_LE(m.error.median, m.error.high);
      EXPECT_GT(m.error.rms_error, 0);
      EXPECT_NEAR(m.estimated / m.error.rms, 1, 0.5) << m.method.name;
      EXPECT_GE(m.bound_held, 6) << m.method.name;
      EXPECT_LE(m.bound, m.apriori * 1.5);
      EXPECT_GT(m.digest_seconds, 0);
      EXPECT_GT(m.product_seconds, 0);
      EXPECT_GT(m.bytes, 0);
    }
  EXPECT_EQ(found.seeds, 7);
  EXPECT_NEAR(found.zero_error, std::sqrt(squared_norm(known.value)) / known.scale(), 1e-12);
}

TEST(Compare, BudgetsInBytesAreMetAndUsed) {
  for (const Pair& pair :
       {dense_pair(3000, 20, 10), sparse_pair(5000, 60, 200), whole_numbers_pair(5000, 300)}) {
    const KnownProduct known = pair.known();
    const PairStatistics statistics = statistics_of(known.a, known.b);
    const CompareOptions options{.budgets = {parse_budget("30kB"), parse_budget("20%")},
                                 .methods = all_methods(statistics),
                                 .seeds = 2};
    for (const BudgetResult& result : compare(known, options, kOneThread).budgets)
      for (const Measurement& m : result.measured) {
        EXPECT_LE(m.bytes, result.recommendation.bytes) << pair.name << " " << m.method.name;
        const Index most = most_size(statistics, m.method.spec);
        if (std::holds_alternative<lattice::LatticeSpec>(m.method.spec)) {
          // Codes of rows that are not rotated have one size; none has more than all coordinates.
          if (m.size == 0 || m.size == most) continue;
          EXPECT_GT(predict(statistics, digest::with_size(m.method.spec, m.size + 16)).bytes,
                    result.recommendation.bytes)
              << pair.name << " " << m.method.name;
          continue;
        }
        // Another row of both would not fit, but for what fills the steps of 64 bytes.
        EXPECT_GT(m.bytes * (1 + 1.0 / static_cast<double>(m.size)),
                  0.97 * result.recommendation.bytes)
            << pair.name << " " << m.method.name;
      }
  }
}

TEST(Compare, WhatDoesNotFitIsShownAsSuch) {
  const KnownProduct known = dense_pair(2000, 200, 100).known();
  const CompareOptions options{.budgets = {parse_budget("8kB"), parse_budget("100B")},
                               .methods = methods({"priority", "osnap"}),
                               .seeds = 2};
  const Comparison found = compare(known, options, kOneThread);
  EXPECT_GT(found.budgets[0].measured[0].size, 1);
  EXPECT_EQ(found.budgets[0].measured[1].size, 0);  // eight rows of 300 numbers
  EXPECT_EQ(found.budgets[0].best, 0);
  EXPECT_EQ(found.budgets[1].measured[0].size, 0);
  EXPECT_FALSE(found.budgets[1].best);
}

TEST(Compare, DefaultMethodsAreThoseThatMayBeRecommended) {
  const KnownProduct known = dense_pair(300, 4, 3).known();
  const Comparison found = compare(known, {.budgets = {parse_budget("20%")}, .seeds = 1});
  const BudgetResult& result = found.budgets[0];
  ASSERT_EQ(result.measured.size(), default_methods(found.statistics).size());
  ASSERT_EQ(result.measured.size(), result.recommendation.methods.size());
  EXPECT_EQ(result.measured[0].error.rms_error, 0);  // one seed has no spread
}

TEST(Compare, ZeroAndDisjointMatricesHaveNoError) {
  Pair zero = dense_pair(300, 4, 3);
  std::ranges::fill(zero.a.storage, 0);
  const CompareOptions options{
      .budgets = {parse_budget("50%")},
      .methods = methods({"priority", "countsketch", "priority:mixture=0.5"}),
      .seeds = 2};
  const Comparison of_zero = compare(zero.known(), options, kOneThread);
  ASSERT_EQ(of_zero.budgets[0].measured.size(), 3);
  for (const Measurement& m : of_zero.budgets[0].measured)
    EXPECT_EQ(m.error.rms, 0) << m.method.name;

  Pair apart = dense_pair(300, 4, 3);
  apart.rows_a = numbers(300);
  apart.rows_b = numbers(300, 1000);
  const Comparison found = compare(apart.known(), options, kOneThread);
  EXPECT_EQ(found.budgets[0].measured[0].error.rms, 0);
  EXPECT_GT(found.budgets[0].measured[1].error.rms, 0.01);
  EXPECT_EQ(found.zero_error, 0);
}

TEST(Compare, LeverageWeightsAreMeasuredWithoutAPrediction) {
  const KnownProduct known = dense_pair(300, 4, 3).known();
  const Comparison found = compare(known, {.budgets = {parse_budget("20%")},
                                           .methods = methods({"priority:weight=leverage"}),
                                           .seeds = 2});
  EXPECT_GT(found.budgets[0].measured[0].error.rms, 0);
  EXPECT_TRUE(std::isnan(found.budgets[0].measured[0].predicted));
  EXPECT_NE(found.budgets[0].recommendation.reason.find(
                "What priority:weight=leverage errs by depends on more than norms"),
            std::string::npos);
}

TEST(Compare, RefusesWhatCannotBeMeasured) {
  const KnownProduct known = dense_pair(30, 4, 3).known();
  expect_refusal(ErrorCode::kInvalidArgument, "expected a size or more, got none",
                 [&] { compare(known, {}); });
  expect_refusal(ErrorCode::kInvalidArgument, "seeds must be at least 1, got 0",
                 [&] { compare(known, {.budgets = {parse_budget("5")}, .seeds = 0}); });
  expect_refusal(ErrorCode::kInvalidArgument, "confidence",
                 [&] { compare(known, {.budgets = {parse_budget("5")}, .confidence = 1}); });
  expect_refusal(ErrorCode::kInvalidArgument, "weight=user", [&] {
    compare(known, {.budgets = {parse_budget("5")}, .methods = methods({"priority:weight=user"})});
  });
  Context stopped;
  std::stop_source source;
  source.request_stop();
  stopped.cancel = source.get_token();
  expect_refusal(ErrorCode::kCancelled, "cancelled",
                 [&] { compare(known, {.budgets = {parse_budget("5")}}, stopped); });
}

}  // namespace
}  // namespace prodigest::compare
