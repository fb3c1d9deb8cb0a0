// Is the shared uniform number uniform and independent on the row ids that people really have?
// Everything is fixed, so a test passes always or never; the limits are those of a chance of 1e-4
// for good random numbers.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "prodigest/core/key.hpp"
#include "prodigest/core/random.hpp"

namespace prodigest {
namespace {

constexpr std::size_t kCount = 100000;

std::vector<double> draws(const std::function<RowId(std::uint64_t)>& row, std::uint64_t seed = 1,
                          Domain domain = Domain::kRowSelection) {
  std::vector<RowId> rows(kCount);
  for (std::size_t i = 0; i < kCount; ++i) rows[i] = row(i);
  std::vector<double> u(kCount);
  uniforms(Seed{seed}, domain, rows, u);
  return u;
}

// Kolmogorov and Smirnov: sqrt(n) times the largest distance of the distribution functions.
double kolmogorov_smirnov(std::vector<double> u) {
  std::ranges::sort(u);
  const auto n = static_cast<double>(u.size());
  double distance = 0;
  for (std::size_t i = 0; i < u.size(); ++i)
    distance = std::max(
        {distance, u[i] - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - u[i]});
  return distance * std::sqrt(n);
}

// Correlation in standard errors, for uniform numbers: mean 1/2 and variance 1/12 are known.
double correlation(const std::vector<double>& u, const std::vector<double>& v) {
  double sum = 0;
  for (std::size_t i = 0; i < u.size(); ++i) sum += (u[i] - 0.5) * (v[i] - 0.5);
  return 12 * sum / std::sqrt(static_cast<double>(u.size()));
}

// Chi-square of the pairs (u[i], v[i]) on a grid of 32 x 32, in standard deviations.
double pair_deviation(const std::vector<double>& u, const std::vector<double>& v) {
  constexpr int kGrid = 32;
  std::vector<double> cells(kGrid * kGrid);
  for (std::size_t i = 0; i < u.size(); ++i)
    ++cells[static_cast<std::size_t>(static_cast<int>(u[i] * kGrid) * kGrid +
                                     static_cast<int>(v[i] * kGrid))];
  const double expected = static_cast<double>(u.size()) / (kGrid * kGrid);
  double chi_square = 0;
  for (const double cell : cells) chi_square += (cell - expected) * (cell - expected) / expected;
  const double freedom = kGrid * kGrid - 1;
  return (chi_square - freedom) / std::sqrt(2 * freedom);
}

struct Ids {
  std::string name;
  std::function<RowId(std::uint64_t)> row;
};

const std::vector<Ids>& families() {
  static const std::vector<Ids> ids = {
      {"counted", [](std::uint64_t i) { return i; }},
      {"counted down from 2^64", [](std::uint64_t i) { return ~i; }},
      {"steps of 10", [](std::uint64_t i) { return 10 * i; }},
      {"steps of 4096", [](std::uint64_t i) { return i << 12; }},
      {"above 32 bits", [](std::uint64_t i) { return i << 32; }},
      {"in the top bits", [](std::uint64_t i) { return i << 47; }},
      {"same in both halves", [](std::uint64_t i) { return i << 32 | i; }},
      {"near-equal text",
       [](std::uint64_t i) { return row_id_of_text("row" + std::to_string(i)); }},
  };
  return ids;
}

TEST(RandomStatistics, UniformForEveryFamilyOfRowIds) {
  for (const auto& [name, row] : families())
    EXPECT_LT(kolmogorov_smirnov(draws(row)), 2.23) << name;
}

TEST(RandomStatistics, NeighbouringRowsAreIndependent) {
  for (const auto& [name, row] : families()) {
    std::vector<double> u = draws(row);
    std::vector<double> next = u;
    std::ranges::rotate(next, next.begin() + 1);
    EXPECT_LT(std::abs(correlation(u, next)), 3.9) << name;
    EXPECT_LT(std::abs(pair_deviation(u, next)), 4.0) << name;
  }
}

TEST(RandomStatistics, DifferentSeedsAreIndependent) {
  const auto counted = [](std::uint64_t i) { return i; };
  const std::vector<double> u = draws(counted, 1);
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{1} << 32 | 1,
                                   std::uint64_t{1} << 63 | 1, ~std::uint64_t{1}}) {
    const std::vector<double> v = draws(counted, seed);
    EXPECT_LT(std::abs(correlation(u, v)), 3.9) << seed;
    EXPECT_LT(std::abs(pair_deviation(u, v)), 4.0) << seed;
  }
}

TEST(RandomStatistics, DifferentDomainsAreIndependent) {
  const auto counted = [](std::uint64_t i) { return i; };
  const std::vector<double> u = draws(counted, 1);
  for (const std::uint32_t number : {0u, 2u, 3u, 1u << 31 | 1}) {
    const std::vector<double> v = draws(counted, 1, static_cast<Domain>(number));
    EXPECT_LT(std::abs(correlation(u, v)), 3.9) << number;
    EXPECT_LT(std::abs(pair_deviation(u, v)), 4.0) << number;
  }
}

// Avalanche: one flipped bit of the row or the seed flips half of the 52 bits.
TEST(RandomStatistics, EveryInputBitFlipsHalfOfTheOutputBits) {
  constexpr int kRows = 500;
  const auto bits = [](std::uint64_t seed, RowId row) {
    return static_cast<std::uint64_t>(
        std::ldexp(uniform(Seed{seed}, Domain::kRowSelection, row) - 0x1p-53, 52));
  };
  const double standard_error = std::sqrt(52 / 4.0 / kRows);
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t flip = std::uint64_t{1} << bit;
    double by_row = 0;
    double by_seed = 0;
    for (RowId row = 0; row < kRows; ++row) {
      by_row += std::popcount(bits(9, row) ^ bits(9, row ^ flip));
      by_seed += std::popcount(bits(9, row) ^ bits(9 ^ flip, row));
    }
    EXPECT_NEAR(by_row / kRows, 26, 5 * standard_error) << "bit " << bit << " of the row";
    EXPECT_NEAR(by_seed / kRows, 26, 5 * standard_error) << "bit " << bit << " of the seed";
  }
}

}  // namespace
}  // namespace prodigest
