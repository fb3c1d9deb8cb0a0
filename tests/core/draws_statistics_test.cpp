// Are signs, normals and bounded integers distributed as promised, and independent over rows,
// columns, seeds and domains? Everything is fixed, so a test passes always or never; limits are
// four standard errors, two-sided, or a chance of about 1e-4.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "core/draws.hpp"

namespace prodigest {
namespace {

constexpr std::size_t kRows = 512;
constexpr std::size_t kCols = 515;  // not a multiple of 4 or 128

struct Table {
  std::vector<double> entries;  // kRows x kCols
  double operator()(std::size_t row, std::size_t col) const { return entries[row * kCols + col]; }
};

using Draw = void (*)(Seed, RowId, std::span<double>);

Table table(Draw draw, std::uint64_t seed = 1, RowId step = 1) {
  Table t{std::vector<double>(kRows * kCols)};
  for (std::size_t i = 0; i < kRows; ++i)
    draw(Seed{seed}, step * i, std::span(t.entries).subspan(i * kCols, kCols));
  return t;
}

// Mean of `value`, which has this mean and variance, in standard errors.
double deviation(const std::vector<double>& entries, const std::function<double(double)>& value,
                 double mean, double variance) {
  double sum = 0;
  for (const double x : entries) sum += value(x) - mean;
  return sum / std::sqrt(variance * static_cast<double>(entries.size()));
}

// Sum of products of independent numbers of mean 0 and variance 1, in standard errors.
double correlation(const std::function<double(std::size_t)>& x,
                   const std::function<double(std::size_t)>& y, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x(i) * y(i);
  return sum / std::sqrt(static_cast<double>(count));
}

double chi_square_deviation(const std::vector<double>& counts, double expected) {
  double chi_square = 0;
  for (const double count : counts)
    chi_square += (count - expected) * (count - expected) / expected;
  const double freedom = static_cast<double>(counts.size()) - 1;
  return (chi_square - freedom) / std::sqrt(2 * freedom);
}

TEST(DrawsStatistics, SignsAreFair) {
  for (const RowId step : {RowId{1}, RowId{1} << 32}) {
    const Table t = table(random_signs, 1, step);
    for (const double x : t.entries) ASSERT_EQ(std::abs(x), 1);
    EXPECT_LT(std::abs(deviation(
                  t.entries, [](double x) { return x; }, 0, 1)),
              4);
    for (std::size_t c = 0; c < kCols; ++c) {  // 515 columns: the largest of them is below 5
      double sum = 0;
      for (std::size_t r = 0; r < kRows; ++r) sum += t(r, c);
      EXPECT_LT(std::abs(sum), 5 * std::sqrt(kRows)) << "column " << c;
    }
    std::vector<double> bytes(256);  // patterns of eight neighbours
    for (std::size_t i = 0; i + 8 <= t.entries.size(); i += 8) {
      std::size_t pattern = 0;
      for (std::size_t j = 0; j < 8; ++j) pattern = 2 * pattern + (t.entries[i + j] > 0);
      ++bytes[pattern];
    }
    EXPECT_LT(
        std::abs(chi_square_deviation(bytes, static_cast<double>(t.entries.size() / 8) / 256)), 4);
  }
}

TEST(DrawsStatistics, NormalsHaveTheMomentsAndTheDistribution) {
  for (const RowId step : {RowId{1}, RowId{1} << 32}) {
    const Table t = table(random_normals, 1, step);
    const auto moment = [&](int power, double mean, double variance) {
      return std::abs(deviation(
          t.entries, [=](double x) { return std::pow(x, power); }, mean, variance));
    };
    // E x^2k = (2k - 1)!!; the variance of x^k is E x^2k - (E x^k)^2.
    EXPECT_LT(moment(1, 0, 1), 4);
    EXPECT_LT(moment(2, 1, 3 - 1), 4);
    EXPECT_LT(moment(3, 0, 15), 4);
    EXPECT_LT(moment(4, 3, 105 - 9), 4);
    EXPECT_LT(moment(6, 15, 10395 - 225), 4);

    // Kolmogorov and Smirnov: beyond 2.23 with a chance of 1e-4.
    std::vector<double> sorted = t.entries;
    std::ranges::sort(sorted);
    const auto n = static_cast<double>(sorted.size());
    double distance = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const double below = std::erfc(-sorted[i] / std::numbers::sqrt2) / 2;
      distance = std::max(
          {distance, below - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - below});
    }
    EXPECT_LT(distance * std::sqrt(n), 2.23);
    // In every residue of the column too: the four of a block are made in different ways.
    for (std::size_t residue = 0; residue < 4; ++residue) {
      std::vector<double> some;
      for (std::size_t r = 0; r < kRows; ++r)
        for (std::size_t c = residue; c < kCols; c += 4) some.push_back(t(r, c));
      EXPECT_LT(std::abs(deviation(
                    some, [](double x) { return x; }, 0, 1)),
                4)
          << residue;
      EXPECT_LT(std::abs(deviation(
                    some, [](double x) { return x * x; }, 1, 2)),
                4)
          << residue;
    }
  }
}

TEST(DrawsStatistics, TailsOfNormalsAreThere) {
  const Table t = table(random_normals);
  for (const double limit : {2.0, 3.0, 4.0}) {
    const double chance = std::erfc(limit / std::numbers::sqrt2);
    const auto beyond = static_cast<double>(
        std::ranges::count_if(t.entries, [=](double x) { return std::abs(x) > limit; }));
    const auto n = static_cast<double>(t.entries.size());
    EXPECT_NEAR(beyond, n * chance, 4 * std::sqrt(n * chance)) << limit;
  }
}

// The numbers themselves, and for normals their squares, which a pair of Box and Muller shares a
// radius in.
TEST(DrawsStatistics, RowsColumnsAndSeedsAreIndependent) {
  for (const Draw draw : {Draw{random_signs}, Draw{random_normals}}) {
    const std::vector<std::function<double(double)>> shapes =
        draw == Draw{random_signs}
            ? std::vector<std::function<double(double)>>{[](double x) { return x; }}
            : std::vector<std::function<double(double)>>{
                  [](double x) { return x; },
                  [](double x) { return (x * x - 1) / std::numbers::sqrt2; }};
    const Table t = table(draw, 1);
    for (const auto& shape : shapes) {
      const auto here = [&](std::size_t i) { return shape(t.entries[i]); };
      for (const std::size_t lag : {1, 2, 3, 4, 32, 64, 128})  // columns, across some row ends
        EXPECT_LT(std::abs(correlation(
                      here, [&](std::size_t i) { return here(i + lag); }, t.entries.size() - lag)),
                  4)
            << lag;
      for (const std::size_t rows : {1, 2, 8})
        EXPECT_LT(std::abs(correlation(
                      here, [&](std::size_t i) { return here(i + rows * kCols); },
                      t.entries.size() - rows * kCols)),
                  4)
            << rows;
      for (const std::uint64_t seed :
           {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{1} << 32 | 1}) {
        const Table other = table(draw, seed);
        EXPECT_LT(
            std::abs(correlation(
                here, [&](std::size_t i) { return shape(other.entries[i]); }, t.entries.size())),
            4)
            << seed;
      }
    }
  }
}

TEST(DrawsStatistics, DomainsAreIndependent) {
  const Table signs = table(random_signs);
  const Table normals = table(random_normals);
  EXPECT_LT(std::abs(correlation([&](std::size_t i) { return signs.entries[i]; },
                                 [&](std::size_t i) { return normals.entries[i]; },
                                 signs.entries.size())),
            4);

  constexpr std::size_t kCount = 100000;
  std::vector<RowId> rows(kCount);
  for (std::size_t i = 0; i < kCount; ++i) rows[i] = i;
  const std::vector<Domain> domains = {Domain::kRowSelection, Domain::kBucket,
                                       Domain::kDenseSign,    Domain::kNormal,
                                       Domain::kRotationSign, Domain::kHadamardRow};
  std::vector<std::vector<double>> bits;  // +1 or -1 from the top bits of both words
  for (const Domain domain : domains) {
    std::vector<std::uint64_t> first(kCount), second(kCount);
    random_words(Seed{1}, domain, rows, 0, first, second);
    for (const auto& words : {first, second}) {
      bits.emplace_back();
      for (const std::uint64_t w : words) bits.back().push_back(w >> 63 ? -1 : 1);
    }
  }
  for (std::size_t a = 0; a < bits.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)  // 66 pairs: a chance of 0.004 for four standard errors
      EXPECT_LT(std::abs(correlation([&](std::size_t i) { return bits[a][i]; },
                                     [&](std::size_t i) { return bits[b][i]; }, kCount)),
                4);
}

TEST(DrawsStatistics, BoundedIsUniformAndTheSignBesideItIndependent) {
  constexpr std::size_t kCount = 200000;
  std::vector<RowId> rows(kCount);
  for (std::size_t i = 0; i < kCount; ++i) rows[i] = i;
  for (const std::uint32_t block : {0u, 1u}) {
    std::vector<std::uint64_t> first(kCount), second(kCount);
    random_words(Seed{1}, Domain::kBucket, rows, block, first, second);
    for (const std::uint64_t limit : {2, 3, 10, 257, 1000}) {
      std::vector<double> counts(2 * limit);
      for (std::size_t i = 0; i < kCount; ++i) {
        const auto bucket = bounded(first[i], limit, {Seed{1}, Domain::kBucket, rows[i], block});
        ASSERT_LT(bucket, limit);
        ++counts[2 * bucket + (second[i] & 1)];
      }
      EXPECT_LT(std::abs(chi_square_deviation(
                    counts, static_cast<double>(kCount) / static_cast<double>(2 * limit))),
                4.5)
          << limit;
    }
  }
}

// Thirds of a range that leaves a remainder as large as itself: without rejection every third
// number would come twice as often.
TEST(DrawsStatistics, BoundedIsUniformWhereRejectionIsFrequent) {
  constexpr std::size_t kCount = 60000;
  const std::uint64_t limit = std::uint64_t{3} << 62;
  std::vector<double> residues(3);
  for (RowId row = 0; row < kCount; ++row) {
    const auto words = random_block(Seed{4}, Domain::kBucket, row, 0);
    const std::uint64_t word = words[0] | std::uint64_t{words[1]} << 32;
    ++residues[bounded(word, limit, {Seed{4}, Domain::kBucket, row}) % 3];
  }
  EXPECT_LT(std::abs(chi_square_deviation(residues, kCount / 3.0)), 8);  // 2 degrees: chance 1e-4
}

}  // namespace
}  // namespace prodigest
