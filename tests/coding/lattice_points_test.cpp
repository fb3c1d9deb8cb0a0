#include "prodigest/coding/lattice_points.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

namespace prodigest::coding {
namespace {

// Of a root lattice exactly the roots bound the Voronoi cell: p is nearest to x if and only if
// <x - p, v> <= 1 for every root v.
std::vector<Point8> e8_roots() {
  std::vector<Point8> roots;
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = i + 1; j < 8; ++j)
      for (const int signs : {0, 1, 2, 3}) {
        Point8 root = {};
        root[i] = signs & 1 ? -1 : 1;
        root[j] = signs & 2 ? -1 : 1;
        roots.push_back(root);
      }
  for (unsigned signs = 0; signs < 256; ++signs)
    if (std::popcount(signs) % 2 == 0) {
      Point8 root;
      for (std::size_t i = 0; i < 8; ++i) root[i] = signs >> i & 1 ? -0.5 : 0.5;
      roots.push_back(root);
    }
  return roots;
}
const std::vector<Point8> kRoots = e8_roots();

double largest_product(const Point8& x) {
  double largest = 0;
  for (const Point8& root : kRoots) {
    double product = 0;
    for (std::size_t i = 0; i < 8; ++i) product += x[i] * root[i];
    largest = std::max(largest, product);
  }
  return largest;
}

Point8 difference(const Point8& x, const Point8& y) {
  Point8 out;
  std::ranges::transform(x, y, out.begin(), std::minus());
  return out;
}

double squared_norm(std::span<const double> x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return sum;
}

bool in_e8(const Doubled& point) {
  int sum = 0;
  for (const int twice : point) {
    if ((twice - point[0]) % 2 != 0) return false;
    sum += twice;
  }
  return sum % 4 == 0;
}

bool in_e8(const Point8& x) {
  Doubled point;
  for (std::size_t i = 0; i < 8; ++i) {
    if (2 * x[i] != std::rint(2 * x[i])) return false;
    point[i] = static_cast<int>(std::fmod(2 * x[i], 4));
  }
  return in_e8(point);
}

Point8 normal_point(std::mt19937_64& random, double deviation) {
  std::normal_distribution<double> normal(0, deviation);
  Point8 x;
  for (double& value : x) value = normal(random);
  return x;
}

// Multiples of 1/4 below `range`: every sort of boundary point is among them.
Point8 grid_point(std::mt19937_64& random, std::int64_t range) {
  std::uniform_int_distribution<std::int64_t> quarters(-4 * range, 4 * range);
  Point8 x;
  for (double& value : x) value = 0.25 * static_cast<double>(quarters(random));
  return x;
}

TEST(NearestE8, IsCertifiedByAll240RootsOnRandomPoints) {
  ASSERT_EQ(kRoots.size(), 240u);
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 20000; ++trial) {
    const Point8 x = normal_point(random, trial % 2 ? 0.5 : 20);
    const Point8 nearest = nearest_e8(x);
    ASSERT_TRUE(in_e8(nearest));
    ASSERT_LE(largest_product(difference(x, nearest)), 1 + 1e-13);
  }
}

TEST(NearestE8, IsCertifiedExactlyOnBoundariesAndFarAway) {
  std::mt19937_64 random(2);
  for (const std::int64_t range : {1l, 3l, 1000l, 1l << 40, (1l << 51) - 1})
    for (int trial = 0; trial < 10000; ++trial) {
      Point8 x = grid_point(random, range);
      if (trial % 3 == 0)  // one coordinate only is far away
        for (std::size_t i = 1; i < 8; ++i) x[i] = std::fmod(x[i], 2.0);
      const Point8 nearest = nearest_e8(x);
      ASSERT_TRUE(in_e8(nearest));
      ASSERT_LE(largest_product(difference(x, nearest)), 1) << range;
    }
}

TEST(NearestE8, IsAsNearAsTheBetterOfTwoSearchesOfD8) {
  std::mt19937_64 random(3);
  for (int trial = 0; trial < 20000; ++trial) {
    const Point8 x = trial % 2 ? normal_point(random, 3) : grid_point(random, 3);
    Point8 shifted, integer, half;
    std::ranges::transform(x, shifted.begin(), [](double value) { return value - 0.5; });
    nearest_dn(x, integer);
    nearest_dn(shifted, half);
    const double to_integer = squared_norm(difference(x, integer));
    const double to_half = squared_norm(difference(shifted, half));
    const Point8 nearest = nearest_e8(x);
    ASSERT_NEAR(squared_norm(difference(x, nearest)), std::min(to_integer, to_half), 1e-12);
    if (to_integer + 1e-12 < to_half) {
      ASSERT_EQ(nearest, integer);
    }
  }
}

TEST(NearestE8, PrefersTheIntegerCosetWhereBothAreAsNear) {
  EXPECT_EQ(nearest_e8({0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25}), Point8{});
  EXPECT_EQ(nearest_e8({1, 0, 0, 0, 0, 0, 0, 0}), (Point8{2}));  // a deep hole: the first moves
}

TEST(NearestZn, RoundsHalvesToEven) {
  const std::vector<double> x = {0.5, 1.5, 2.5, -0.5, -1.5, 0.49, -7.2};
  std::vector<double> point(x.size());
  nearest_zn(x, point);
  EXPECT_EQ(point, (std::vector<double>{0, 2, 2, 0, -2, 0, -7}));
}

TEST(NearestDn, IsNoFurtherThanAnyPointAround) {
  std::mt19937_64 random(4);
  for (std::size_t n = 0; n <= 4; ++n)
    for (int trial = 0; trial < 300; ++trial) {
      const Point8 all = grid_point(random, 2);
      const std::vector<double> x(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
      std::vector<double> point(n);
      nearest_dn(x, point);
      double sum = 0, distance = 0, least = 1e9;
      for (std::size_t i = 0; i < n; ++i) {
        sum += point[i];
        distance += (x[i] - point[i]) * (x[i] - point[i]);
      }
      ASSERT_EQ(std::fmod(sum, 2), 0);
      for (int word = 0; word < std::pow(9, n); ++word) {  // points of [-4, 4]^n
        double square = 0;
        int parity = 0;
        for (std::size_t i = 0, digits = word; i < n; ++i, digits /= 9) {
          const int value = static_cast<int>(digits % 9) - 4;
          parity += value;
          square += (x[i] - value) * (x[i] - value);
        }
        if (parity % 2 == 0) least = std::min(least, square);
      }
      ASSERT_EQ(distance, least);
    }
}

TEST(NearestDn, IsCertifiedInFourDimensionsByThe24Roots) {
  std::mt19937_64 random(5);
  for (int trial = 0; trial < 20000; ++trial) {
    const Point8 both = trial % 2 ? normal_point(random, 5) : grid_point(random, 3);
    const std::span<const double> x = std::span(both).first(4);
    std::array<double, 4> point;
    nearest_dn(x, point);
    ASSERT_EQ(std::fmod(point[0] + point[1] + point[2] + point[3], 2), 0);
    // The 24 roots are ±e_i ± e_j: the greatest product is the sum of the two greatest |x_i - p_i|.
    std::array<double, 4> apart;
    for (std::size_t i = 0; i < 4; ++i) apart[i] = std::abs(x[i] - point[i]);
    std::ranges::sort(apart);
    ASSERT_LE(apart[2] + apart[3], 1 + 1e-13);
  }
}

TEST(NearestDn, MovesTheFirstOfThoseRoundedFurthest) {
  const std::array<double, 4> x = {0.1, 0.75, -0.25, 0.25};  // rounds to 0, 1, 0, 0
  std::array<double, 4> point;
  nearest_dn(x, point);
  EXPECT_EQ(point, (std::array<double, 4>{0, 0, 0, 0}));
}

TEST(E8Gauge, IsTheGreatestProductWithA240thRoot) {
  std::mt19937_64 random(6);
  for (int trial = 0; trial < 20000; ++trial) {
    const Point8 grid = grid_point(random, 2);
    ASSERT_EQ(e8_gauge(grid), largest_product(grid));
    const Point8 x = normal_point(random, 2);
    ASSERT_NEAR(e8_gauge(x), largest_product(x), 1e-12);
  }
  EXPECT_EQ(e8_gauge(Point8{}), 0);
  EXPECT_EQ(e8_gauge({-0.0, 3, 0, 0, 0, 0, 0, 0}), 3);
}

TEST(LatticePoints, HaveTheSecondMomentsOfTheLiterature) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0, 2);  // 2Z^n is in both: uniform on the cell
  double e8 = 0, d4 = 0;
  constexpr int kTrials = 200000;
  for (int trial = 0; trial < kTrials; ++trial) {
    Point8 x;
    for (double& value : x) value = uniform(random);
    e8 += squared_norm(difference(x, nearest_e8(x)));
    std::array<double, 4> point;
    nearest_dn(std::span(x).first(4), point);
    for (std::size_t i = 0; i < 4; ++i) d4 += (x[i] - point[i]) * (x[i] - point[i]);
  }
  EXPECT_NEAR(e8 / kTrials / 8 / (929.0 / 12960), 1, 0.005);
  EXPECT_NEAR(d4 / kTrials / 4 / std::sqrt(2) / (13 / (120 * std::sqrt(2))), 1, 0.005);
}

// The rule as it is written, by two whole candidates and their norms.
Doubled plain_representative(const Labels& c, int q) {
  Doubled y;
  y[0] = c[0];
  y[7] = c[0] + 4 * c[7];
  for (std::size_t i = 1; i < 7; ++i) {
    y[i] = c[0] + 2 * c[i];
    y[7] += 2 * c[i];
  }
  const auto reduced = [&](int offset) {
    Doubled z;
    for (std::size_t i = 0; i < 8; ++i) z[i] = (y[i] + offset) % (2 * q) - q;
    return z;
  };
  const auto in_coset = [&](const Doubled& z, int shift) {  // z - y - shift in 2q D8
    int sum = 0;
    for (std::size_t i = 0; i < 8; ++i) sum += (z[i] - y[i] - shift) / (2 * q);
    return sum % 2 == 0;
  };
  const auto norm = [](const Doubled& z) {
    int sum = 0;
    for (const int value : z) sum += value * value;
    return sum;
  };
  const auto smaller = [](int a, int b) { return std::abs(a) < std::abs(b); };
  Doubled integer = reduced(q), half = reduced(0);
  const auto first_least =
      static_cast<std::size_t>(std::ranges::min_element(integer, smaller) - integer.begin());
  if (!in_coset(integer, 0)) {
    const auto last_largest = std::max_element(integer.rbegin(), integer.rend(), smaller);
    *last_largest += *last_largest >= 0 ? -2 * q : 2 * q;
  }
  if (!in_coset(half, -q)) half[first_least] += half[first_least] >= 0 ? -2 * q : 2 * q;
  return norm(half) < norm(integer) ? half : integer;
}

void check_word(const Labels& labels, int q) {
  const Doubled point = e8_representative(labels, q);
  ASSERT_TRUE(in_e8(point));
  ASSERT_EQ(e8_labels(point, q), labels);
  ASSERT_EQ(point, plain_representative(labels, q));
  Point8 x;
  for (std::size_t i = 0; i < 8; ++i) {
    ASSERT_LE(std::abs(point[i]), 2 * q);
    x[i] = 0.5 * point[i];
  }
  ASSERT_LE(largest_product(x), q);
}

// Words with digits in [0, q), all of them or as many as `count`, each digit times `step`.
void check_all_words(int digits, int step, int q) {
  const int words = static_cast<int>(std::pow(digits, 8));
  for (int word = 0; word < words; ++word) {
    Labels labels;
    for (int i = 0, rest = word; i < 8; ++i, rest /= digits)
      labels[static_cast<std::size_t>(i)] = rest % digits * step;
    ASSERT_NO_FATAL_FAILURE(check_word(labels, q)) << "word " << word << " of q = " << q;
  }
}

TEST(E8Labels, AndRepresentativesOfLeastNormAreABijectionForQ2AndQ3) {
  check_all_words(2, 1, 2);
  check_all_words(3, 1, 3);
}

TEST(E8Labels, OfRepresentativesAreTheSameForLargerQ) {
  std::mt19937_64 random(8);
  for (const int q : {4, 5, 7, 8, 13, 14, 16, 27, 54, 63, 64})
    for (int trial = 0; trial < 2000; ++trial) {
      Labels labels;
      for (int& label : labels) label = static_cast<int>(random() % static_cast<unsigned>(q));
      ASSERT_NO_FATAL_FAILURE(check_word(labels, q)) << "q = " << q;
    }
}

TEST(E8Labels, OfRepresentativesAreTheSameWhereManyAreAsShort) {
  for (const int q : {4, 6, 8, 14, 16, 64}) check_all_words(2, q / 2, q);
  for (const int q : {4, 8, 16}) check_all_words(4, q / 4, q);
}

TEST(E8Labels, ForgetMultiplesOfQ) {
  std::mt19937_64 random(9);
  for (const int q : {2, 3, 13, 16})
    for (int trial = 0; trial < 2000; ++trial) {
      const Point8 x = nearest_e8(normal_point(random, 50));
      const Point8 step = nearest_e8(normal_point(random, 1000));
      Doubled point, moved;
      for (std::size_t i = 0; i < 8; ++i) {
        point[i] = static_cast<int>(2 * x[i]);
        moved[i] = point[i] + q * static_cast<int>(2 * step[i]);
      }
      ASSERT_EQ(e8_labels(point, q), e8_labels(moved, q));
    }
}

}  // namespace
}  // namespace prodigest::coding
