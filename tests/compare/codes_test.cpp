// Lattice codes among the methods: their errors and bytes as predicted, and when they are chosen.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compare/centred.hpp"
#include "compare/pairs.hpp"
#include "expect_error.hpp"
#include "prodigest/coding/normal_noise.hpp"
#include "prodigest/coding/rate_distortion.hpp"
#include "prodigest/compare/compare.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::compare {
namespace {

constexpr auto contains = [](const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos
             ? testing::AssertionSuccess()
             : testing::AssertionFailure() << "\"" << words << "\" is not in: " << text;
};

PairStatistics statistics(const Pair& pair) {
  const KnownProduct known = pair.known();
  return statistics_of(known.a, known.b);
}

bool are_codes(const Method& method) {
  return std::holds_alternative<lattice::LatticeSpec>(method.spec);
}

double measured_over_predicted(const KnownProduct& known, const char* spec, int seeds) {
  PairStatistics pair = statistics_of(known.a, known.b);
  pair.centred_squared_product = centred_squared_product(pair, known.value);
  return rms(errors_of(known, spec, seeds)) / predict(pair, digest::parse_digest_spec(spec)).error;
}

TEST(PredictedCodes, ErrOnNormalEntriesAsPredicted) {
  const KnownProduct known = dense_pair(1024, 16, 12).known();
  for (const char* const spec :
       {"lattice:format=F4", "lattice:format=F4pair", "lattice:format=F4fast", "lattice:format=F3",
        "lattice:format=F2", "lattice:format=I8", "lattice:format=lloyd4",
        "lattice:format=int4,rotation=hadamard,gain=unbiased",
        "lattice:format=group4,rotation=hadamard,centre=yes,gain=unbiased",
        "lattice:format=F3,size=512", "lattice:format=F2,size=512", "lattice:format=F2,size=256",
        "lattice:format=F2,size=256,gain=unbiased", "lattice:format=F4,centre=no"})
    EXPECT_NEAR(measured_over_predicted(known, spec, 30), 1, 0.03) << spec;
}

// Here all entries err together, so that many seeds say less.
TEST(PredictedCodes, ErrOnOtherMatricesAsPredicted) {
  for (const Pair& pair :
       {correlated_pair(1024, 12, 8), sparse_pair(1024, 40, 30), heavy_pair(1024, 12, 8)}) {
    const KnownProduct known = pair.known();
    for (const char* const spec :
         {"lattice:format=F4pair", "lattice:format=F3", "lattice:format=F2", "lattice:format=I8",
          "lattice:format=F3,size=512,gain=unbiased", "lattice:format=F2,size=256,gain=mmse"})
      EXPECT_NEAR(measured_over_predicted(known, spec, 150), 1, 0.12) << pair.name << " " << spec;
  }
}

TEST(PredictedCodes, KnowThatEqualColumnsErrAlike) {
  const KnownProduct known = gram_pair(1024, 8).known();
  const PairStatistics pair = statistics_of(known.a, known.b);
  for (const char* const spec : {"lattice:format=F2", "lattice:format=F3", "lattice:format=F4"}) {
    EXPECT_NEAR(measured_over_predicted(known, spec, 40), 1, 0.1) << spec;
    // The diagonal alone is too large by the noise.
    double squares = 0, diagonal = 0;
    for (Index i = 0; i < 8; ++i) diagonal += std::pow(known.value(i, i) / known.scale(), 2);
    const double v = coding::normal_noise(
        std::get<lattice::LatticeSpec>(digest::parse_digest_spec(spec)).coding, 1024);
    squares = predict(pair, digest::parse_digest_spec(spec)).error;
    EXPECT_GT(squares, 0.9 * v * std::sqrt(diagonal)) << spec;
  }
}

TEST(PredictedCodes, WithoutARotationAreNotPredicted) {
  const KnownProduct known = dense_pair(200, 4, 3).known();
  const PairStatistics pair = statistics_of(known.a, known.b);
  for (const char* const name : {"lattice:format=int4", "lattice:format=group4",
                                 "lattice:format=F4,rotation=none", "lattice:format=F4,gain=plain"}) {
    const Prediction found = predict(pair, digest::with_size(parse_method(name).spec, 200));
    EXPECT_TRUE(std::isnan(found.error)) << name;
    EXPECT_GT(found.bytes, 7 * 200 / 2) << name;
  }
}

TEST(PredictedCodes, OfConstantColumnsDoNotErr) {
  Pair pair = dense_pair(64, 3, 2);
  std::ranges::fill(pair.a.storage, 5);
  EXPECT_NEAR(predict(statistics(pair), parse_method("lattice:format=F2").spec).error, 0, 1e-7);
  std::ranges::fill(pair.a.storage, 0);
  EXPECT_EQ(predict(statistics(pair), parse_method("lattice:format=F2").spec).error, 0);
}

TEST(PredictedCodes, TakeTheBytesOfTheFiles) {
  const Schema named{.columns = {"x", "y and a longer name", "z"}};
  for (const Index rows : {1, 7, 100, 1000, 2500}) {
    const Pair pair = dense_pair(rows, 3, 40);
    const KnownProduct known(whole_matrix(pair.a.view(), {}, named), whole_matrix(pair.b.view()));
    const PairStatistics found = statistics_of(known.a, known.b);
    for (const char* const name :
         {"lattice:format=F4", "lattice:format=F4pair", "lattice:format=F3", "lattice:format=F2",
          "lattice:format=I8", "lattice:format=int5", "lattice:format=group3",
          "lattice:format=lloyd6", "lattice:format=F4,centre=no", "lattice:format=F4,gain=plain",
          "lattice:seed=123456,format=F3,gain=mmse"})
      for (const Index size : {Index{1}, rows / 3, rows}) {
        digest::DigestSpec spec = parse_method(name).spec;
        if (size < least_size(found, spec)) continue;
        spec = digest::with_size(spec, size);
        const auto bytes = [&](const sampling::RowSample& whole) {
          return static_cast<double>(
              digest::to_bytes(digest::sketch(whole.values(), spec, {}, whole.schema())).size());
        };
        // Header and tensors end at steps of 64 bytes.
        EXPECT_NEAR(predict(found, spec).bytes, bytes(known.a) + bytes(known.b), 2 * 64)
            << digest::to_text(spec) << " of " << rows;
      }
  }
}

TEST(Codes, HaveSizesUpToAllCoordinates) {
  const PairStatistics pair = statistics(dense_pair(300, 10, 10));
  const digest::DigestSpec rotated = parse_method("lattice:format=F4").spec,
                           as_is = parse_method("lattice:format=int4").spec;
  EXPECT_EQ(least_size(pair, rotated), 1);
  EXPECT_EQ(most_size(pair, rotated), 300);
  EXPECT_EQ(least_size(pair, as_is), 300);  // a part of the rows would be lost
  const double all = predict(pair, digest::with_size(rotated, 300)).bytes;
  EXPECT_EQ(size_for_bytes(pair, rotated, all), 300);
  EXPECT_EQ(size_for_bytes(pair, rotated, 10 * all), 300);
  const Index half = size_for_bytes(pair, rotated, all / 2);
  EXPECT_GT(half, 20);
  EXPECT_LE(predict(pair, digest::with_size(rotated, half)).bytes, all / 2);
  EXPECT_EQ(size_for_bytes(pair, rotated, 500), 0);
  EXPECT_EQ(size_for_bytes(pair, as_is, all / 2), 0);

  const std::vector<Method> methods = {parse_method("lattice:format=F4"),
                                       parse_method("lattice:format=int4")};
  const auto sizes = [&](const char* budget) {
    const Recommendation r = recommend(pair, parse_budget(budget), methods);
    return std::pair(r.methods[0].size, r.methods[1].size);
  };
  EXPECT_EQ(sizes("100"), std::pair(Index{100}, Index{0}));
  EXPECT_EQ(sizes("300"), std::pair(Index{300}, Index{300}));
  EXPECT_EQ(sizes("301"), std::pair(Index{0}, Index{0}));
}

TEST(Codes, NeedTheSameRowsOnBothSides) {
  const Pair pair = overlap_pair(400, 6, 4, false);
  const KnownProduct known = pair.known();
  const PairStatistics found = statistics_of(known.a, known.b);
  EXPECT_FALSE(found.same_rows);
  for (const auto& methods : {default_methods(found), all_methods(found)})
    EXPECT_EQ(std::ranges::count_if(methods, are_codes), 0);
  EXPECT_TRUE(std::isnan(code_limit(found, 1000)));

  const CompareOptions options{
      .budgets = {parse_budget("20%"), parse_budget("50")},
      .methods = {parse_method("priority"), parse_method("lattice:format=F4")},
      .seeds = 2};
  for (const BudgetResult& result : compare(known, options, kOneThread).budgets) {
    EXPECT_EQ(result.measured[1].size, 0);
    EXPECT_EQ(result.best, 0);
    EXPECT_EQ(result.recommendation.chosen, 0);
    EXPECT_TRUE(contains(result.recommendation.reason,
                         "Lattice codes were left out: codes need the same rows on both sides, and "
                         "of 400 rows of A and 400 of B 12 are in both."));
  }
  const Recommendation alone = recommend(found, parse_budget("20%"), {{options.methods[1]}});
  EXPECT_FALSE(alone.chosen);
  EXPECT_TRUE(contains(alone.reason, "No method can be used: codes need the same rows"));
}

TEST(Codes, OfRowsInAnotherOrderAreOfTheSameRows) {
  Pair pair = dense_pair(50, 4, 3);
  pair.rows_a = numbers(50, 7);
  pair.rows_b = pair.rows_a;
  std::ranges::reverse(pair.rows_b);
  EXPECT_TRUE(statistics(pair).same_rows);
  pair.rows_b.front() = 1000;
  EXPECT_FALSE(statistics(pair).same_rows);
}

TEST(Codes, AreLeftOutWhereEntriesAreTooLarge) {
  Pair pair = dense_pair(50, 4, 3);
  pair.b(7, 1) = -2e18;
  const PairStatistics found = statistics(pair);
  EXPECT_TRUE(found.same_rows);
  EXPECT_TRUE(contains(obstacle(found, parse_method("lattice").spec), "the largest is 2e+18"));
  EXPECT_EQ(std::ranges::count_if(default_methods(found), are_codes), 0);
  EXPECT_EQ(obstacle(found, parse_method("priority").spec), "");
}

TEST(Codes, AreNotForeseenFromSamples) {
  const Pair pair = dense_pair(500, 4, 3);
  const auto sample = [](const Matrix<double>& rows) {
    return sampling::sample_rows(rows.view(), sampling::parse_sample_spec("priority:size=100"));
  };
  const PairStatistics found = statistics_of(sample(pair.a), sample(pair.b));
  EXPECT_TRUE(contains(obstacle(found, parse_method("lattice").spec), "samples do not tell"));
  EXPECT_EQ(std::ranges::count_if(all_methods(found), are_codes), 0);
}

TEST(Codes, MeasureBestWhereTheyAreRecommended) {
  const KnownProduct known = dense_pair(2048, 24, 16).known();
  const double entries = 2048 * 40;
  CompareOptions options{.seeds = 3};
  for (const double bits : {1.0, 2.2, 4.0, 4.5, 5.0, 6.5, 8.2})
    options.budgets.push_back({Budget::Unit::kBytes, std::ceil(bits / 8 * entries)});
  for (const BudgetResult& result : compare(known, options, kOneThread).budgets) {
    ASSERT_TRUE(result.recommendation.chosen);
    const std::size_t chosen = *result.recommendation.chosen;
    EXPECT_TRUE(are_codes(result.measured[chosen].method)) << result.recommendation.bytes;
    EXPECT_EQ(result.best, chosen) << result.recommendation.reason;
    EXPECT_TRUE(contains(result.recommendation.reason, "Both matrices have the same 2048 rows"));
    EXPECT_TRUE(contains(result.recommendation.reason, "the best row sample in the same bytes"));
  }
}

// The default methods leave them out, since they would not measure best.
TEST(Codes, AreNotForSparseMatrices) {
  const KnownProduct known = sparse_pair(1024, 200, 150, 0.01).known();
  const PairStatistics found = statistics_of(known.a, known.b);
  EXPECT_EQ(std::ranges::count_if(default_methods(found), are_codes), 0);
  const std::vector<Method> all = all_methods(found);
  EXPECT_EQ(std::ranges::count_if(all, are_codes), 9);
  CompareOptions options{.budgets = {parse_budget("5%"), parse_budget("20%"), parse_budget("60%")},
                         .seeds = 9};
  std::ranges::copy_if(all, std::back_inserter(options.methods), [](const Method& method) {
    return are_codes(method) || method.name.starts_with("priority");
  });
  for (const BudgetResult& result : compare(known, options, kOneThread).budgets) {
    const Recommendation& r = result.recommendation;
    EXPECT_FALSE(are_codes(r.methods[*r.chosen].method)) << r.reason;
    EXPECT_FALSE(are_codes(r.methods[*result.best].method)) << result.measured[*result.best].bytes;
  }
}

TEST(Codes, AreNotForFewBytes) {
  // What codes keep of each column does not fit.
  const Recommendation wide = recommend(statistics(dense_pair(40, 600, 500)), parse_budget("4%"));
  EXPECT_FALSE(are_codes(wide.methods[*wide.chosen].method)) << wide.reason;
}

TEST(Codes, HeavyRowsAreForSamplesAtFewBits) {
  const PairStatistics found = statistics(heavy_pair(3000, 20, 10));
  const Recommendation few = recommend(found, {Budget::Unit::kBytes, 1.5 / 8 * 3000 * 30});
  EXPECT_TRUE(few.methods[*few.chosen].method.name.starts_with("priority")) << few.reason;
  EXPECT_TRUE(contains(few.reason, "The heaviest 0.1 % of the rows hold"));
  EXPECT_TRUE(contains(few.reason, "of the coordinates of rotated columns."));
}

TEST(CodedSamples, AreAmongTheMethodsWhereRowsAreLong) {
  const auto coded = [](const Pair& pair) {
    return std::ranges::count_if(default_methods(statistics(pair)), [](const Method& method) {
      return method.name.find("values=") != std::string::npos;
    });
  };
  EXPECT_EQ(coded(overlap_pair(500, 20, 10, false)), 3);
  EXPECT_EQ(coded(dense_pair(500, 20, 10)), 1);  // codes of columns do the rest
  EXPECT_EQ(coded(sparse_pair(500, 40, 30)), 0);
  EXPECT_EQ(coded(dense_pair(500, 2, 1)), 0);
  EXPECT_EQ(coded(overlap_pair(500, 2, 1, false)), 0);
}

TEST(CodedSamples, ErrLessThanPlainOnesInAsManyBytes) {
  for (const Pair& pair :
       {dense_pair(1500, 32, 24), overlap_pair(1500, 32, 24, false)}) {
    const CompareOptions options{
        .budgets = {parse_budget("5%"), parse_budget("10%")},
        .methods = {parse_method("priority"), parse_method("priority:values=lattice:F4")},
        .seeds = 15};
    for (const BudgetResult& result : compare(pair.known(), options, kOneThread).budgets) {
      const Measurement &plain = result.measured[0], &coded = result.measured[1];
      EXPECT_LE(coded.bytes, result.recommendation.bytes);
      EXPECT_GT(coded.bytes, 0.97 * plain.bytes);
      EXPECT_LT(coded.error.rms, 0.5 * plain.error.rms) << pair.name;
      EXPECT_NEAR(coded.error.rms / coded.predicted, 1, 0.2) << pair.name;
      EXPECT_GT(coded.size, 5 * plain.size);
    }
  }
}

TEST(CodedSamples, AreRecommendedWhereRowsDiffer) {
  const PairStatistics found = statistics(overlap_pair(2000, 32, 24, false));
  const Recommendation few = recommend(found, parse_budget("3%"));
  EXPECT_EQ(few.methods[*few.chosen].method.name, "priority:values=lattice:F2");
  EXPECT_TRUE(contains(few.reason, "Its rows are coded in 2 bits an entry, so that it holds "));
  const Recommendation all = recommend(found, parse_budget("30%"));
  EXPECT_EQ(all.methods[*all.chosen].method.name, "priority:values=lattice:I8");
  EXPECT_TRUE(contains(all.reason, "so that it holds 100 % of them, and only the codes err."));
}

TEST(Codes, ReasonKnowsOfMeans) {
  const PairStatistics found = statistics(correlated_pair(1000, 12, 8));
  const Recommendation r = recommend(found, {Budget::Unit::kBytes, 4.6 / 8 * 1000 * 20});
  EXPECT_TRUE(are_codes(r.methods[*r.chosen].method));
  EXPECT_TRUE(contains(r.reason, "Means of columns are kept exactly, which leaves"));
}

TEST(CodeLimit, IsGammaOnNormalEntries) {
  const Index n = 2048, cols = 60;
  const KnownProduct known = dense_pair(n, cols, cols).known();
  PairStatistics pair = statistics_of(known.a, known.b);
  pair.centred_squared_product = centred_squared_product(pair, known.value);
  for (const double bits : {0.25, 1.0, 2.0, 4.0, 8.0}) {
    const double bytes = bits / 8 * static_cast<double>(n * 2 * cols);
    EXPECT_NEAR(bits_an_entry(pair, bytes), bits, 1e-12);
    const double limit = std::sqrt(coding::gamma(bits) / static_cast<double>(n));
    EXPECT_NEAR(code_limit(pair, bytes) / limit, 1, 0.02) << bits;
  }
}

TEST(CodeLimit, IsBelowWhatCodesErrBy) {
  const KnownProduct known = dense_pair(1024, 20, 20).known();
  const PairStatistics pair = statistics_of(known.a, known.b);
  for (const Method& method : all_methods(pair)) {
    if (!are_codes(method)) continue;
    const Prediction found = predict(pair, digest::with_size(method.spec, 1024));
    const double error = rms(errors_of(
        known, digest::to_text(digest::with_size(method.spec, 1024)), 3));
    EXPECT_GT(error, code_limit(pair, found.bytes)) << method.name;
  }
  const PairStatistics correlated = statistics(correlated_pair(1000, 12, 8));
  EXPECT_LT(code_limit(correlated, 10000),
            predict(correlated, parse_method("lattice:format=F4pair,gain=unbiased").spec).error);
}

}  // namespace
}  // namespace prodigest::compare
