#include "coding/rotation.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "prodigest/core/random.hpp"

namespace prodigest::coding {
namespace {

std::vector<double> normals(Index length, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x(static_cast<std::size_t>(length));
  for (double& entry : x) entry = normal(engine);
  return x;
}

double dot(const std::vector<double>& x, const std::vector<double>& y) {
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

std::vector<double> rotated(const Rotation& rotation, std::vector<double> x) {
  rotation.apply(std::span(x));
  return x;
}

std::vector<Index> lengths() {
  std::vector<Index> all(300);
  std::iota(all.begin(), all.end(), Index{1});
  all.insert(all.end(), {1000, 4095, 4096, 13696});
  return all;
}

TEST(Rotation, KeepsInnerProductsAndIsUndone) {
  for (const Index n : lengths()) {
    const Rotation rotation(Seed{7}, n);
    const std::vector<double> x = normals(n, 1), y = normals(n, 2);
    const std::vector<double> qx = rotated(rotation, x), qy = rotated(rotation, y);
    const double scale = std::sqrt(dot(x, x) * dot(y, y));
    ASSERT_NEAR(dot(qx, qx), dot(x, x), 1e-12 * dot(x, x)) << n;
    ASSERT_NEAR(dot(qx, qy), dot(x, y), 1e-12 * scale) << n;
    std::vector<double> back = qx;
    rotation.apply_inverse(std::span(back));
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(back[i], x[i], 1e-12) << n;
  }
}

TEST(Rotation, IsAnOrthogonalMatrix) {
  for (const Index n : {1, 2, 3, 5, 8, 13, 24, 64, 100, 127}) {
    const Rotation rotation(Seed{3}, n);
    std::vector<std::vector<double>> columns;
    for (Index i = 0; i < n; ++i) {
      std::vector<double> unit(static_cast<std::size_t>(n));
      unit[static_cast<std::size_t>(i)] = 1;
      columns.push_back(rotated(rotation, unit));
    }
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        ASSERT_NEAR(dot(columns[static_cast<std::size_t>(i)], columns[static_cast<std::size_t>(j)]),
                    i == j, 1e-13)
            << n;
  }
}

TEST(Rotation, IsWhatItsProtocolSays) {
  const Index n = 200, window = 128;
  const std::vector<double> x = normals(n, 5);
  std::vector<double> expected = x;
  const auto sign = [](RowId step, std::size_t i) {
    const auto block =
        random_block(Seed{11}, Domain::kLatticeRotation, step, static_cast<std::uint32_t>(i / 128));
    return block[i % 128 / 32] >> (i % 32) & 1 ? -1.0 : 1.0;
  };
  for (const RowId step : {0, 1, 2, 3}) {
    for (std::size_t i = 0; i < n; ++i) expected[i] *= sign(step, i);
    const std::size_t first = step % 2 == 0 ? 0 : n - window;
    std::vector<double> part(window);
    for (std::size_t i = 0; i < window; ++i)
      for (std::size_t j = 0; j < window; ++j)
        part[i] += (std::popcount(i & j) % 2 ? -1 : 1) * expected[first + j] / std::sqrt(window);
    std::ranges::copy(part, expected.begin() + static_cast<std::ptrdiff_t>(first));
  }
  const std::vector<double> found = rotated(Rotation(Seed{11}, n), x);
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(found[i], expected[i], 1e-12);
}

TEST(Rotation, SpreadsWhatStandsInOnePlaceAndWhatAHadamardRowLooksLike) {
  for (const Index n : {512, 4096, 5000}) {
    std::vector<double> spike(static_cast<std::size_t>(n)), row(static_cast<std::size_t>(n));
    spike[17] = std::sqrt(static_cast<double>(n));
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = std::popcount(i & 85) % 2 ? -1 : 1;
    for (unsigned seed = 0; seed < 20; ++seed)
      for (const auto& x : {spike, row}) {
        const std::vector<double> y = rotated(Rotation(Seed{seed}, n), x);
        double fourth = 0;
        for (const double entry : y) {
          EXPECT_LT(std::abs(entry),
                    6.5);  // of n normal entries the largest is below with chance 1 - 1e-6
          fourth += std::pow(entry, 4) / static_cast<double>(n);
        }
        EXPECT_NEAR(fourth, 3, 12 * std::sqrt(96.0 / static_cast<double>(n)) / std::sqrt(6)) << n;
      }
  }
}

TEST(Rotation, OneRoundDoesNot) {
  std::vector<double> spike(4096);
  spike[17] = 64;
  for (const double entry : rotated(Rotation(Seed{1}, 4096, 1), spike))
    EXPECT_NEAR(std::abs(entry), 1, 1e-12);
}

TEST(Rotation, DependsOnTheSeed) {
  const std::vector<double> x = normals(4096, 9);
  const std::vector<double> y = rotated(Rotation(Seed{1}, 4096), x),
                            z = rotated(Rotation(Seed{2}, 4096), x);
  EXPECT_LT(std::abs(dot(y, z)), 5 * 64);  // as of unrelated vectors
}

TEST(Rotation, OfFloatsIsThatOfDoublesButForRounding) {
  for (const Index n : {100, 4096}) {
    const Rotation rotation(Seed{4}, n);
    const std::vector<double> x = normals(n, 3), y = rotated(rotation, x);
    std::vector<float> floats(x.begin(), x.end());
    rotation.apply(std::span(floats));
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(floats[i], y[i], 4e-6);
    rotation.apply_inverse(std::span(floats));
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(floats[i], x[i], 4e-6);
  }
}

}  // namespace
}  // namespace prodigest::coding
