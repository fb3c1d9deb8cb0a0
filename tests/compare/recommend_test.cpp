#include "prodigest/compare/recommend.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "compare/pairs.hpp"
#include "expect_error.hpp"
#include "prodigest/compare/compare.hpp"
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

// What there is to choose from among samples and sketches of numbers as they are.
std::vector<Method> uncoded(const PairStatistics& pair) {
  std::vector<Method> methods = default_methods(pair);
  std::erase_if(methods, [](const Method& method) {
    return std::holds_alternative<lattice::LatticeSpec>(method.spec) ||
           method.name.find("values=") != std::string::npos;
  });
  return methods;
}

std::string chosen(const Recommendation& r) {
  return r.chosen ? r.methods[*r.chosen].method.name : "none";
}

TEST(Method, IsASpecWithoutSize) {
  EXPECT_EQ(parse_method("priority:weight=norm").name, "priority:weight=norm");
  EXPECT_TRUE(std::holds_alternative<linear::LinearSpec>(parse_method("osnap:nonzeros=4").spec));
  expect_refusal(ErrorCode::kInvalidArgument, "sizes are filled in for each budget",
                 [] { parse_method("priority:size=9"); });
  expect_refusal(ErrorCode::kInvalidArgument, "priority", [] { parse_method("prioriti"); });
}

TEST(Methods, SrhtIsAmongThemWhereRowsAreNumbered) {
  const auto names = [](const Pair& pair) {
    std::string all;
    for (const Method& method : default_methods(statistics(pair))) all += method.name + " ";
    return all;
  };
  Pair pair = dense_pair(50, 3, 2);
  EXPECT_TRUE(contains(names(pair), "srht"));
  pair.rows_a = pair.rows_b = numbers(50, 1000000);
  EXPECT_FALSE(contains(names(pair), "srht"));
}

// The judgement of the whole folder: what is recommended is what measures best.
TEST(Recommended, IsTheBestMeasuredOrNearIt) {
  CompareOptions options{.budgets = {parse_budget("2%"), parse_budget("5%"), parse_budget("20%")},
                         .seeds = 21};
  for (const Pair& pair :
       {dense_pair(3000, 20, 10), dense_pair(3000, 3, 2), sparse_pair(3000, 60, 40),
        heavy_pair(3000, 20, 10), overlap_pair(3000, 20, 10, false),
        overlap_pair(3000, 20, 10, true), gram_pair(3000, 20)}) {
    for (const BudgetResult& result : compare(pair.known(), options, kOneThread).budgets) {
      ASSERT_TRUE(result.recommendation.chosen && result.best) << pair.name;
      const Measurement &ours = result.measured[*result.recommendation.chosen],
                        &best = result.measured[*result.best];
      const double noise = std::hypot(ours.error.rms_error, best.error.rms_error);
      EXPECT_LE(ours.error.rms, std::max(1.05 * best.error.rms, best.error.rms + 2 * noise))
          << pair.name << " " << to_text(result.recommendation.budget) << ": " << ours.method.name
          << " recommended, " << best.method.name << " best";
    }
  }
}

TEST(Recommended, DependsOnTheMatrices) {
  const auto choice = [](const Pair& pair, const char* size = "5%") {
    const PairStatistics found = statistics(pair);
    return recommend(found, parse_budget(size), uncoded(found));
  };
  const Recommendation sparse = choice(sparse_pair(3000, 60, 40));
  EXPECT_EQ(chosen(sparse), "priority:weight=norm");
  EXPECT_TRUE(contains(sparse.reason, "are sparse"));
  EXPECT_TRUE(contains(sparse.reason, "worst-case guarantee, which priority:weight=norm has not"));

  const Recommendation narrow = choice(dense_pair(3000, 3, 2));
  EXPECT_EQ(chosen(narrow), "countsketch");
  EXPECT_TRUE(contains(narrow.reason, "Rows are dense (100 % and 100 % of the entries)"));

  const Recommendation apart = choice(overlap_pair(3000, 20, 10, false));
  EXPECT_TRUE(chosen(apart).starts_with("priority")) << chosen(apart);
  EXPECT_TRUE(contains(apart.reason, "lie on keys that both have"));

  const Recommendation heavy = choice(heavy_pair(3000, 20, 10));
  EXPECT_EQ(chosen(heavy), "priority");
  EXPECT_TRUE(contains(heavy.reason, "The heaviest 0.1 % of the rows hold"));

  const Recommendation large = choice(dense_pair(3000, 20, 10), "80%");
  EXPECT_TRUE(contains(large.reason, "of the rows, so its error goes to zero"));
  EXPECT_TRUE(contains(choice(sparse_pair(300, 20, 10), "2MB").reason, "the product is exact"));
}

TEST(Recommended, NearTiesGoToTheFirst) {
  const PairStatistics pair = statistics(dense_pair(3000, 20, 10));
  const std::vector<Method> forward = {parse_method("countsketch"), parse_method("srht")},
                            backward = {forward[1], forward[0]};
  EXPECT_EQ(chosen(recommend(pair, parse_budget("5%"), forward)), "countsketch");
  EXPECT_EQ(chosen(recommend(pair, parse_budget("5%"), backward)), "srht");
  // Half of all rows' worth of a Hadamard transform is no near tie any more.
  EXPECT_EQ(chosen(recommend(pair, parse_budget("50%"), forward)), "srht");
}

TEST(Recommended, SizesInRowsAreTakenAsTheyAre) {
  const Recommendation r = recommend(statistics(sparse_pair(3000, 60, 40)), parse_budget("100"));
  for (const Forecast& f : r.methods) EXPECT_EQ(f.size, 100) << f.method.name;
  EXPECT_GT(r.bytes, 1000);
  const Recommendation one = recommend(statistics(sparse_pair(3000, 60, 40)), parse_budget("1"));
  EXPECT_EQ(one.methods.front().size, 0);  // priority takes two rows
  EXPECT_NE(chosen(one), "none");          // threshold and countsketch take one
}

TEST(Recommended, NothingFitsATinyBudget) {
  const Recommendation r = recommend(statistics(dense_pair(100, 3, 2)), parse_budget("300B"));
  EXPECT_FALSE(r.chosen);
  EXPECT_TRUE(contains(r.reason, "No method fits 300 bytes: the smallest digests take"));
}

TEST(Recommended, ZeroAndDisjointMatricesGetAStatement) {
  Pair zero = dense_pair(200, 3, 2);
  std::ranges::fill(zero.b.storage, 0);
  EXPECT_TRUE(contains(recommend(statistics(zero), parse_budget("50%")).reason,
                       "B has no entry but zeros: the product is zero"));
  Pair apart = dense_pair(200, 3, 2);
  apart.rows_a = numbers(200);
  apart.rows_b = numbers(200, 1000);
  const Recommendation r = recommend(statistics(apart), parse_budget("50%"));
  EXPECT_EQ(chosen(r), "priority");
  EXPECT_TRUE(contains(r.reason, "No key is in both matrices: the product is zero"));
}

TEST(Recommended, FromTwoSamplesIsThatFromTheMatrices) {
  for (const Pair& pair :
       {sparse_pair(4000, 60, 40), dense_pair(4000, 3, 2), heavy_pair(4000, 20, 10)}) {
    const KnownProduct known = pair.known();
    const PairStatistics whole_pair = statistics_of(known.a, known.b);
    const auto digest = [&](const sampling::RowSample& whole, const char* text) {
      return digest::sketch(whole.values(), digest::parse_digest_spec(text));
    };
    for (const char* const text : {"priority:size=1000", "priority:size=1000,mixture=0.5",
                                   "threshold:size=1000,weight=uniform"}) {
      if (pair.name == "heavy" && std::string(text).ends_with("uniform"))
        continue;  // sees no heavy row
      const Recommendation r =
          recommend(digest(known.a, text), digest(known.b, text), parse_budget("20kB"));
      std::vector<Method> same;
      for (const Forecast& f : r.methods) same.push_back(parse_method(f.method.name));
      const Recommendation exact = recommend(whole_pair, parse_budget("20kB"), same);
      EXPECT_EQ(chosen(r), chosen(exact)) << pair.name << " " << text;
      EXPECT_TRUE(contains(r.reason, "This is an estimate from the "));
      EXPECT_TRUE(contains(r.reason, "codes of whole matrices are left out"));
      EXPECT_NEAR(
          r.methods[*r.chosen].prediction.error / exact.methods[*exact.chosen].prediction.error, 1,
          0.2)
          << pair.name << " " << text;
    }
  }
}

TEST(Recommended, LinearSketchesCannotTell) {
  const Pair pair = dense_pair(100, 3, 2);
  const auto a = digest::sketch(pair.a.view(), digest::parse_digest_spec("countsketch:size=20"));
  const auto b = digest::sketch(pair.b.view(), digest::parse_digest_spec("priority:size=20"));
  for (const auto* other : {&a, &b})
    expect_refusal(ErrorCode::kUnsupported, "a linear sketch no longer holds rows",
                   [&] { recommend(a, *other, parse_budget("1kB")); });
}

}  // namespace
}  // namespace prodigest::compare
