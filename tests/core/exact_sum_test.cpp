#include "prodigest/core/exact_sum.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/bit_counts.hpp"
#include "core/wild_numbers.hpp"
#include "expect_error.hpp"

namespace prodigest {
namespace {

using Doubles = std::vector<double>;
using Limits = std::numeric_limits<double>;

constexpr double kSmallest = Limits::denorm_min();
constexpr double kLargest = Limits::max();

Doubles expansion(const Doubles& terms) { return ExactSum(terms).expansion(); }

Doubles reference(const Doubles& terms) {
  BitCounts counts;
  for (const double term : terms) counts.add(term);
  return counts.expansion();
}

Doubles wild_numbers(std::size_t count, int lowest, int highest, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  Doubles numbers(count);
  for (double& number : numbers) number = wild_number(random, lowest, highest);
  return numbers;
}

TEST(ExactSum, OfNothingAndOfZerosIsZero) {
  EXPECT_EQ(ExactSum().rounded(), 0);
  EXPECT_TRUE(ExactSum().expansion().empty());
  EXPECT_TRUE(expansion({0.0, -0.0, 1.5, -1.5}).empty());
  EXPECT_FALSE(std::signbit(ExactSum(Doubles{-0.0, -1.0, 1.0}).rounded()));
}

TEST(ExactSum, OfOneNumberIsThatNumber) {
  for (const double x : {1.0, 0.1, 1e300, kSmallest, Limits::min(), Limits::min() - kSmallest,
                         kLargest, 0x1.fffffffffffffp31, 0x1p32, 0x1.fffffffffffffp-33})
    for (const double y : {x, -x}) EXPECT_EQ(expansion({y}), Doubles{y}) << y;
}

// Made with math.fsum and fractions.Fraction of Python.
TEST(ExactSum, GivesTheGoldenSumsOfPython) {
  EXPECT_EQ(expansion(Doubles(10, 0.1)), (Doubles{1, 0x1p-54}));
  EXPECT_EQ(expansion({1e16, 1, -1e16}), Doubles{1});
  EXPECT_EQ(expansion({1, 0x1p-53}), (Doubles{1, 0x1p-53}));
  EXPECT_EQ(expansion({1 + 0x1p-52, 0x1p-53}), (Doubles{1 + 0x1p-51, -0x1p-53}));
  EXPECT_EQ(expansion({1, 0x1p-53, 0x1p-106}), (Doubles{1 + 0x1p-52, -0x1.fffffffffffffp-54}));

  Doubles terms;
  for (std::int64_t i = 0; i < 1000; ++i)
    terms.push_back(std::ldexp(i * 2654435761 % (std::int64_t{1} << 32) - (std::int64_t{1} << 31),
                               static_cast<int>(i * 40503 % 600 - 300)));
  EXPECT_EQ(expansion(terms),
            (Doubles{-0x1.c9cfb857f33aap+327, -0x1.60ccea8583b3bp+271, 0x1.7a7c4c55e9f0fp+217,
                     0x1.5e9f0e837a7c4p+159, -0x1.7c8583c5f3161p+105, 0x1.d06650a21860ep+48,
                     -0x1.60f17cc583c5fp-8, -0x1.9d078be6751e3p-63, 0x1.98ac1d0662af7p-121,
                     0x1.0662af54198acp-175, -0x1.60ccea858379ep-230, -0x1.59d0000000000p-285}));
}

TEST(ExactSum, RoundsTiesToEvenOnceAndOnTheWholeSum) {
  const double odd = 1 + 0x1p-52;
  for (const double sign : {1.0, -1.0}) {
    const auto rounded = [&](Doubles terms) {
      for (double& term : terms) term *= sign;
      return sign * ExactSum(terms).rounded();
    };
    EXPECT_EQ(rounded({1, 0x1p-53}), 1);
    EXPECT_EQ(rounded({odd, 0x1p-53}), 1 + 0x1p-51);
    EXPECT_EQ(rounded({1, 0x1p-53, kSmallest}), odd);
    EXPECT_EQ(rounded({odd, 0x1p-53, -kSmallest}), odd);
    EXPECT_EQ(rounded({2, -0x1p-53}), 2);  // all ones carry into a new power of two
    EXPECT_EQ(rounded({Limits::min(), -kSmallest, kSmallest / 2}), Limits::min() - kSmallest);
  }
}

TEST(ExactSum, KeepsSubnormals) {
  EXPECT_EQ(expansion({kSmallest, kSmallest, kSmallest}), Doubles{3 * kSmallest});
  EXPECT_EQ(expansion({Limits::min(), -kSmallest}), Doubles{Limits::min() - kSmallest});
  EXPECT_EQ(expansion({1, kSmallest}), (Doubles{1, kSmallest}));
  EXPECT_EQ(expansion({1, kSmallest, -1}), Doubles{kSmallest});
}

TEST(ExactSum, PassesBeyondTheLargestDoubleAndComesBack) {
  ExactSum sum;
  for (int i = 0; i < 1000; ++i) sum.add(kLargest);
  EXPECT_EQ(sum.rounded(), Limits::infinity());
  for (int i = 0; i < 2000; ++i) sum.add(-kLargest);
  EXPECT_EQ(sum.rounded(), -Limits::infinity());
  for (int i = 0; i < 1001; ++i) sum.add(kLargest);
  EXPECT_EQ(sum.expansion(), Doubles{kLargest});
  sum.add(0x1p969);  // a quarter of the last place: rounds down, not to infinity
  EXPECT_EQ(sum.rounded(), kLargest);
  sum.add(0x1p969);  // half: IEEE 754 rounds to infinity
  EXPECT_EQ(sum.rounded(), Limits::infinity());
}

TEST(ExactSum, AgreesWithThePlainReference) {
  for (const auto& [lowest, highest] : std::vector<std::pair<int, int>>{
           {0, 0}, {-20, 20}, {-300, 300}, {-1074, -1000}, {900, 1000}, {-1074, 1000}})
    for (const std::size_t count : {1, 2, 3, 10, 300}) {
      const Doubles terms = wild_numbers(count, lowest, highest);
      EXPECT_EQ(expansion(terms), reference(terms)) << count << " from 2^" << lowest;
      EXPECT_EQ(ExactSum(terms).rounded(), reference(terms).at(0));
    }
}

TEST(ExactSum, OrderDoesNotMatter) {
  Doubles terms = wild_numbers(500, -400, 400);
  const Doubles expected = expansion(terms);
  EXPECT_GT(expected.size(), 10u);
  std::mt19937_64 random(2);
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::ranges::shuffle(terms, random);
    ASSERT_EQ(expansion(terms), expected);
  }
  std::ranges::sort(terms);
  EXPECT_EQ(expansion(terms), expected);
  std::ranges::reverse(terms);
  EXPECT_EQ(expansion(terms), expected);
}

TEST(ExactSum, ManyTermsCancelToTheOneThatIsLeft) {
  Doubles terms = wild_numbers(2000, -1074, 1000);
  for (std::size_t i = 0; i < 2000; ++i) terms.push_back(-terms[i]);
  std::ranges::shuffle(terms, std::mt19937_64(3));
  EXPECT_TRUE(expansion(terms).empty());
  terms.insert(terms.begin() + 1234, 0x1.23456789abcdep-200);
  EXPECT_EQ(expansion(terms), Doubles{0x1.23456789abcdep-200});
}

TEST(ExactSum, OfAMillionFullMantissasIsExact) {
  const double x = 0x1.fffffffffffffp0;
  ExactSum sum;
  for (int i = 0; i < (1 << 20); ++i) sum.add(x);
  EXPECT_EQ(sum.expansion(), Doubles{x * (1 << 20)});
  for (int i = 0; i < (1 << 21); ++i) sum.add(-x);
  EXPECT_EQ(sum.expansion(), Doubles{-x * (1 << 20)});
}

TEST(ExactSum, SumsOfPartsAddUpToTheWhole) {
  const Doubles terms = wild_numbers(300, -500, 500);
  for (const int cut : {0, 1, 150, 299, 300}) {
    const auto middle = terms.begin() + cut;
    const ExactSum first(Doubles(terms.begin(), middle));
    const ExactSum second(Doubles(middle, terms.end()));
    ExactSum both = first;
    both.add(second);
    EXPECT_EQ(both.expansion(), expansion(terms));
    both.subtract(first);
    EXPECT_EQ(both.expansion(), second.expansion());
    both.subtract(second);
    EXPECT_TRUE(both.expansion().empty());
  }
}

TEST(ExactSum, CanBeAddedToAndTakenFromItself) {
  ExactSum sum(Doubles{-0.1, 0x1p-200});
  for (int i = 0; i < 100; ++i) sum.add(sum);  // past the width of a limb
  EXPECT_EQ(sum.expansion(), (Doubles{-0.1 * 0x1p100, 0x1p-100}));
  sum.subtract(sum);
  EXPECT_TRUE(sum.expansion().empty());
}

TEST(ExactSum, RefusesNanAndInfAndStaysAsItWas) {
  ExactSum sum(Doubles{1.5});
  expect_error(ErrorCode::kInvalidArgument, "sum: expected a finite number, got nan",
               [&] { sum.add(Limits::quiet_NaN()); });
  expect_error(ErrorCode::kInvalidArgument, "sum: expected a finite number, got -inf",
               [&] { sum.add(-Limits::infinity()); });
  EXPECT_EQ(sum.expansion(), Doubles{1.5});
}

// Lists of doubles of every size, with many near each other so that they cancel.
rc::Gen<Doubles> any_doubles() {
  const auto number = rc::gen::map(
      rc::gen::pair(rc::gen::arbitrary<std::int64_t>(),
                    rc::gen::oneOf(rc::gen::inRange(-1137, 950), rc::gen::inRange(-60, 60))),
      [](const auto& pair) { return std::ldexp(static_cast<double>(pair.first), pair.second); });
  return rc::gen::container<Doubles>(number);
}

RC_GTEST_PROP(ExactSumProperty, EqualsThePlainReference, ()) {
  const Doubles terms = *any_doubles();
  RC_ASSERT(expansion(terms) == reference(terms));
}

RC_GTEST_PROP(ExactSumProperty, PermutationsHaveTheSameExpansion, (std::uint64_t seed)) {
  Doubles terms = *any_doubles();
  const Doubles expected = expansion(terms);
  std::ranges::shuffle(terms, std::mt19937_64(seed));
  RC_ASSERT(expansion(terms) == expected);
}

RC_GTEST_PROP(ExactSumProperty, ExpansionIsTheSumInItsShortestForm, ()) {
  const ExactSum sum(*any_doubles());
  const Doubles terms = sum.expansion();
  RC_ASSERT(expansion(terms) == terms);
  RC_ASSERT((terms.empty() ? 0 : terms[0]) == sum.rounded());
  for (std::size_t i = 1; i < terms.size(); ++i) {
    const double before = std::abs(terms[i - 1]);
    const double last_place = std::nextafter(before, Limits::infinity()) - before;
    RC_ASSERT(std::abs(terms[i]) <= last_place / 2);
  }
  ExactSum nothing = sum;
  nothing.subtract(ExactSum(terms));
  RC_ASSERT(nothing.expansion().empty());
}

}  // namespace
}  // namespace prodigest
