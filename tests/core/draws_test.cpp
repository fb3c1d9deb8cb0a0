#include "core/draws.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "simd_targets.hpp"

namespace prodigest {
namespace {

const std::vector<RowId>& rows() {
  static const std::vector<RowId> all = [] {
    std::vector<RowId> ids{0, 1, ~RowId{0}, RowId{1} << 32, 0xffffffff, RowId{1} << 63};
    std::mt19937_64 random(5);
    while (ids.size() < 40) ids.push_back(random());
    return ids;
  }();
  return all;
}

std::uint64_t word(const std::array<std::uint32_t, 4>& block, int half) {
  return block[2 * half] | std::uint64_t{block[2 * half + 1]} << 32;
}

double sign(Seed seed, RowId row, std::size_t r) {
  const auto block =
      random_block(seed, Domain::kDenseSign, row, static_cast<std::uint32_t>(r / 128));
  return block[r % 128 / 32] >> r % 32 & 1 ? -1 : 1;
}

// The documented arithmetic in scalar, word for word; also what a reader in another language needs.
double polynomial(double t, std::initializer_list<double> coefficients) {
  double value = 0;
  for (auto c = std::rbegin(coefficients); c != std::rend(coefficients); ++c)
    value = value * t + *c;  // begins 0 * t + c, which is exact
  return value;
}

double minus_two_log(double u) {
  int k = 0;
  double z = 2 * std::frexp(u, &k);  // in [1, 2)
  --k;
  if (z >= 2 * 0x1.6a09e667f3bcdp-1) z /= 2, ++k;
  const double s = (z - 1) / (z + 1);
  const double p =
      polynomial(s * s, {-4.0, -0x1.5555555555558p+0, -0x1.99999999952d7p-1, -0x1.2492492df281ap-1,
                         -0x1.c71c62e3f11e6p-2, -0x1.7462b51cb66b1p-2, -0x1.39fe51a7c18f9p-2,
                         -0x1.2b5900de53b32p-2});
  return k * -0x1.62e42fefa2000p+0 + (k * -0x1.9ef35793c7673p-40 + s * p);
}

struct Circle {
  double cosine, sine;
};

Circle circle(std::uint32_t w) {
  const std::uint32_t turn = w + (1u << 29);
  const double x = ((turn & ((1u << 30) - 1)) + 0.5 - 0x1p29) * 0x1p-32;
  const double t = x * x;
  const double s =
      x * polynomial(t, {0x1.921fb54442d18p+2, -0x1.4abbce625be52p+5, 0x1.466bc6775a476p+6,
                         -0x1.32d2cce500387p+6, 0x1.50783208843ebp+5, -0x1.e3027dea82bd7p+3,
                         0x1.e4a9d9166f052p+1});
  const double c =
      polynomial(t, {1.0, -0x1.3bd3cc9be45dep+4, 0x1.03c1f081b5ac0p+6, -0x1.55d3c7e3cb241p+6,
                     0x1.e1f5068688d5bp+5, -0x1.a6d1eef479be1p+4, 0x1.f9ce245cada0bp+2,
                     -0x1.b2f3eb054afcdp+0});
  switch (turn >> 30) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

double uniform_of(std::uint32_t w) { return (w + 0.5) * 0x1p-32; }

double normal(Seed seed, RowId row, std::size_t i, Domain domain = Domain::kNormal) {
  const auto block = random_block(seed, domain, row, static_cast<std::uint32_t>(i / 4));
  const std::size_t pair = i % 4 / 2 * 2;
  const double radius = std::sqrt(minus_two_log(uniform_of(block[pair])));
  const auto [cosine, sine] = circle(block[pair + 1]);
  return radius * (i % 2 == 0 ? cosine : sine);
}

TEST(RandomWords, AreThoseOfTheBlockForEveryLengthAndInstructionSet) {
  constexpr std::uint64_t kUntouched = 77;
  for_each_instruction_set([&] {
    for (const std::uint64_t seed : {std::uint64_t{0}, ~std::uint64_t{0}})
      for (const std::uint32_t block : {0u, 1u, ~0u})
        for (std::size_t count = 0; count <= 37; ++count)
          for (const std::size_t shift : {0, 1}) {  // the second one is not aligned
            const auto ids = std::span(rows()).subspan(shift, count);
            std::vector<std::uint64_t> first(count + 1, kUntouched), second = first, alone = first;
            random_words(Seed{seed}, Domain::kBucket, ids, block, std::span(first).first(count),
                         std::span(second).first(count));
            random_words(Seed{seed}, Domain::kBucket, ids, block, std::span(alone).first(count),
                         {});
            for (std::size_t i = 0; i < count; ++i) {
              const auto words = random_block(Seed{seed}, Domain::kBucket, ids[i], block);
              ASSERT_EQ(first[i], word(words, 0)) << i << " of " << count;
              ASSERT_EQ(second[i], word(words, 1)) << i << " of " << count;
            }
            ASSERT_EQ(alone, first);
            ASSERT_EQ(first[count], kUntouched);
            ASSERT_EQ(second[count], kUntouched);
          }
  });
}

TEST(RandomWords, KnowTheDomain) {
  for (const Domain domain : {Domain::kBucket, Domain::kRotationSign, Domain::kHadamardRow}) {
    std::vector<std::uint64_t> first(1);
    random_words(Seed{3}, domain, std::span(rows()).first(1), 0, first, {});
    EXPECT_EQ(first[0], word(random_block(Seed{3}, domain, rows()[0], 0), 0));
  }
}

// Files depend on these numbers.
TEST(Domain, NumbersNeverChange) {
  EXPECT_EQ(static_cast<int>(Domain::kRowSelection), 1);
  EXPECT_EQ(static_cast<int>(Domain::kBucket), 2);
  EXPECT_EQ(static_cast<int>(Domain::kDenseSign), 3);
  EXPECT_EQ(static_cast<int>(Domain::kNormal), 4);
  EXPECT_EQ(static_cast<int>(Domain::kRotationSign), 5);
  EXPECT_EQ(static_cast<int>(Domain::kHadamardRow), 6);
  EXPECT_EQ(static_cast<int>(Domain::kLatticeRotation), 7);
  EXPECT_EQ(static_cast<int>(Domain::kPolynomialSketch), 10);
  EXPECT_EQ(static_cast<int>(Domain::kPerformer), 11);
}

template <class Fill, class Expected>
void expect_row(const Fill& fill, const Expected& expected) {
  constexpr double kUntouched = 77;
  for_each_instruction_set([&] {
    for (const std::uint64_t seed : {std::uint64_t{0}, ~std::uint64_t{0}})
      for (const RowId row : {RowId{0}, RowId{1} << 32 | 7, ~RowId{0}})
        for (std::size_t count = 0; count <= 2100; count += count < 300 ? 1 : 67)
          for (const std::size_t shift : {0, 1}) {
            std::vector<double> out(count + shift + 1, kUntouched);
            fill(Seed{seed}, row, std::span(out).subspan(shift, count));
            for (std::size_t i = 0; i < count; ++i)
              ASSERT_EQ(out[i + shift], expected(seed, row, i)) << i << " of " << count;
            ASSERT_EQ(out[0] == kUntouched, shift == 1 || count == 0);
            ASSERT_EQ(out[count + shift], kUntouched);
          }
  });
}

// What the scalar reference gives, computed once.
template <class Scalar>
auto remembered(const Scalar& scalar) {
  return [=, seen = std::vector<std::pair<std::array<std::uint64_t, 2>, std::vector<double>>>()](
             std::uint64_t seed, RowId row, std::size_t i) mutable {
    for (const auto& [key, values] : seen)
      if (key == std::array{seed, row}) return values[i];
    std::vector<double> values(2200);
    for (std::size_t r = 0; r < values.size(); ++r) values[r] = scalar(Seed{seed}, row, r);
    seen.push_back({{seed, row}, values});
    return values[i];
  };
}

TEST(RandomSigns, EqualTheBitsForEveryLengthAndInstructionSet) {
  auto expected = remembered(sign);
  const auto fill = [](Seed seed, RowId row, std::span<double> out) {
    random_signs(seed, row, out);
  };
  expect_row(fill, [&](auto... where) { return expected(where...); });
}

TEST(RandomSigns, KnowTheDomain) {
  std::vector<double> out(300);
  random_signs(Seed{3}, Domain::kLatticeRotation, 9, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto block = random_block(Seed{3}, Domain::kLatticeRotation, 9, static_cast<std::uint32_t>(i / 128));
    EXPECT_EQ(out[i], block[i % 128 / 32] >> (i % 32) & 1 ? -1 : 1) << i;
  }
}

TEST(RandomNormals, EqualTheScalarOnesForEveryLengthAndInstructionSet) {
  auto expected = remembered([](auto... where) { return normal(where...); });
  const auto fill = [](Seed seed, RowId row, std::span<double> out) {
    random_normals(seed, row, out);
  };
  expect_row(fill, [&](auto... where) { return expected(where...); });
}

TEST(RandomNormals, KnowTheDomain) {
  for (const Domain domain : {Domain::kNormal, Domain::kPolynomialSketch, Domain::kPerformer}) {
    std::vector<double> out(5);
    random_normals(Seed{3}, domain, 9, out);
    for (std::size_t i = 0; i < out.size(); ++i)
      EXPECT_EQ(out[i], normal(Seed{3}, 9, i, domain)) << i;
  }
}

TEST(RandomNormals, LogarithmAndCircleAreWithin1e15OfTheTrueOnes) {
  std::mt19937_64 random(1);
  std::vector<std::uint32_t> words;
  for (const std::uint32_t edge : {0u, 1u << 29, 1u << 30, 3u << 29, 1u << 31, 3037000499u, ~0u})
    for (std::uint32_t step = 0; step < 2000; ++step) words.push_back(edge - 1000 + step);
  while (words.size() < 300000) words.push_back(static_cast<std::uint32_t>(random()));
  long double log_error = 0, circle_error = 0;
  for (const std::uint32_t w : words) {
    const long double u = (w + 0.5L) * 0x1p-32L;
    const long double angle = 2 * std::numbers::pi_v<long double> * u;
    const auto relative = [](long double got, long double true_value) {
      return std::abs(got / true_value - 1);
    };
    log_error = std::max(log_error, relative(minus_two_log(uniform_of(w)), -2 * std::log(u)));
    const auto [cosine, sine] = circle(w);
    // Next to its own zeros the long double angle is not good enough for a relative error.
    if (std::abs(std::cos(angle)) > 1e-3L)
      circle_error = std::max(circle_error, relative(cosine, std::cos(angle)));
    if (std::abs(std::sin(angle)) > 1e-3L)
      circle_error = std::max(circle_error, relative(sine, std::sin(angle)));
    EXPECT_NEAR(cosine, static_cast<double>(std::cos(angle)), 1e-15);
    EXPECT_NEAR(sine, static_cast<double>(std::sin(angle)), 1e-15);
  }
  EXPECT_LT(log_error, 1e-15L);
  EXPECT_LT(circle_error, 1e-15L);
  RecordProperty("log_error", std::to_string(static_cast<double>(log_error) * 1e16));
  RecordProperty("circle_error", std::to_string(static_cast<double>(circle_error) * 1e16));
}

TEST(Bounded, EveryResultHasTheSameNumberOfWords) {
  __extension__ typedef unsigned __int128 Wide;
  const Wide words = Wide{1} << 64;
  // Sources whose further draws differ for these limits: equal results were taken from the word.
  const WordSource some{Seed{1}, Domain::kBucket, 5, 0, 0};
  const auto kept = [&](std::uint64_t word, std::uint64_t limit) {
    const std::uint64_t result = bounded(word, limit, some);
    for (RowId row = 6; row < 60; ++row)
      if (bounded(word, limit, {Seed{1}, Domain::kBucket, row, 0, 0}) != result)
        return ~std::uint64_t{0};
    return result;
  };
  for (const std::uint64_t limit : {2ull, 3ull, 5ull, 7ull, 10ull, 64ull, 100ull, 255ull}) {
    const auto rejected = static_cast<std::uint64_t>(words % limit);
    const auto each = static_cast<std::uint64_t>(words / limit);
    for (std::uint64_t value = 0; value < limit; ++value) {
      const auto begin = static_cast<std::uint64_t>((value * words + rejected + limit - 1) / limit);
      ASSERT_EQ(kept(begin, limit), value);
      ASSERT_EQ(kept(begin + (each - 1), limit), value);
      ASSERT_NE(kept(begin - 1, limit), value);
      ASSERT_NE(kept(begin + each, limit), value);
    }
  }
}

TEST(Bounded, RejectedWordsAreDrawnAgainByTheProtocol) {
  const std::uint64_t limit =
      (std::uint64_t{1} << 63) + 1;  // nearly half of the words are rejected
  __extension__ typedef unsigned __int128 Wide;
  const auto rejected = static_cast<std::uint64_t>((Wide{1} << 64) % limit);
  int most_attempts = 0;
  std::int64_t attempts = 0;
  constexpr int kRows = 20000;
  for (RowId row = 0; row < kRows; ++row)
    for (const int half : {0, 1}) {
      const auto block = static_cast<std::uint32_t>(row % 3);
      std::uint64_t result = 0;
      int attempt = 0;
      for (;; ++attempt) {
        const auto domain = static_cast<Domain>(2 + attempt * 65536);
        const Wide product = Wide{word(random_block(Seed{9}, domain, row, block), half)} * limit;
        result = static_cast<std::uint64_t>(product >> 64);
        if (static_cast<std::uint64_t>(product) >= rejected) break;
      }
      const std::uint64_t first = word(random_block(Seed{9}, Domain::kBucket, row, block), half);
      ASSERT_EQ(bounded(first, limit, {Seed{9}, Domain::kBucket, row, block, half}), result);
      ASSERT_LT(result, limit);
      attempts += attempt;
      most_attempts = std::max(most_attempts, attempt);
    }
  EXPECT_GT(most_attempts, 5);
  // Geometric with chance 1/2: mean 1, variance 2; five standard errors.
  EXPECT_NEAR(static_cast<double>(attempts) / (2 * kRows), 1, 5 * std::sqrt(2.0 / (2 * kRows)));
}

TEST(Bounded, OfOneIsZeroAndOfAPowerOfTwoTheTopBits) {
  const WordSource source{Seed{1}, Domain::kBucket, 5};
  for (const std::uint64_t w :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 60, ~std::uint64_t{0}}) {
    EXPECT_EQ(bounded(w, 1, source), 0u);
    EXPECT_EQ(bounded(w, 1 << 10, source), w >> 54);
  }
}

}  // namespace
}  // namespace prodigest
