#include "attention/square_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/draws.hpp"
#include "simd_targets.hpp"

namespace prodigest::attention {
namespace {

// Columns of tokens with anything beyond the last one.
template <Real T>
AlignedMatrix<T> normal_columns(Index rows, Index count, std::uint64_t seed) {
  AlignedMatrix<T> x(rows, count);
  std::vector<double> numbers(x.all().size());
  random_normals(Seed{seed}, 0, numbers);
  std::ranges::transform(numbers, x.all().begin(), [](double v) { return static_cast<T>(v); });
  return x;
}

template <Real T>
std::vector<T> zero_beyond(AlignedMatrix<T> row, Index count) {
  std::fill(row.all().begin() + count, row.all().end(), T{0});
  return {row.all().begin(), row.all().end()};
}

// Keys y with values v and numbers e, and queries x, of r coordinates each.
template <Real T>
struct Problem {
  Index size, keys, queries, value_dim;
  AlignedMatrix<T> y = normal_columns<T>(size, keys, 1), x = normal_columns<T>(size, queries, 2);
  AlignedMatrix<T> v = normal_columns<T>(keys, value_dim, 3);
  AlignedMatrix<T> g = normal_columns<T>(value_dim, queries, 4);
  std::vector<T> e = zero_beyond(normal_columns<T>(1, keys, 5), keys);
  std::vector<T> h = zero_beyond(normal_columns<T>(1, queries, 6), queries);
  std::vector<T> numbers =
      std::vector<T>(static_cast<std::size_t>(SquareSums<T>::numbers(size, value_dim)));
  SquareSums<T> sums{numbers, size, value_dim};

  double product(Index i, Index j) {
    double sum = 0;
    for (Index a = 0; a < size; ++a) sum += static_cast<double>(x.view()(a, i)) * y.view()(a, j);
    return sum;
  }
};

template <Real T>
constexpr double kTolerance = sizeof(T) == 4 ? 2e-4 : 1e-12;

template <Real T>
void expect_sums_of_squares(Index size, Index keys, Index queries, Index value_dim) {
  Problem<T> p{size, keys, queries, value_dim};
  const T gain = static_cast<T>(0.5), own = static_cast<T>(1.5);
  p.sums.add(p.y.view(), own, p.v.view(), p.e);
  p.sums.add(p.y.view(), own, p.v.view(), p.e);  // twice the sums
  AlignedMatrix<T> out(queries, value_dim);
  std::vector<T> total(static_cast<std::size_t>(padded(queries)), T{1});
  p.sums.weigh(p.x.view(), gain, out.view(), total);
  for (Index i = 0; i < queries; ++i) {
    double expected_total = 1, scale = 1;
    std::vector<double> expected(static_cast<std::size_t>(value_dim));
    for (Index j = 0; j < keys; ++j) {
      const double w = 1.5 * p.product(i, j) * p.product(i, j);  // gain * own * 2
      expected_total += w * p.e[static_cast<std::size_t>(j)];
      scale += w;
      for (Index d = 0; d < value_dim; ++d)
        expected[static_cast<std::size_t>(d)] += w * p.v.view()(j, d);
    }
    ASSERT_NEAR(total[static_cast<std::size_t>(i)], expected_total, kTolerance<T> * scale);
    for (Index d = 0; d < value_dim; ++d)
      ASSERT_NEAR(out.view()(i, d), expected[static_cast<std::size_t>(d)], kTolerance<T> * scale);
  }

  AlignedMatrix<T> dx(size, queries);
  p.sums.add_half_gradient(p.x.view(), p.g.view(), p.h, dx.view());
  for (Index i = 0; i < queries; ++i)
    for (Index a = 0; a < size; ++a) {
      double expected = 0, scale = 1;
      for (Index j = 0; j < keys; ++j) {
        double along = static_cast<double>(p.h[static_cast<std::size_t>(i)]) *
                       p.e[static_cast<std::size_t>(j)];
        for (Index d = 0; d < value_dim; ++d)
          along += static_cast<double>(p.g.view()(d, i)) * p.v.view()(j, d);
        const double term = 3 * p.product(i, j) * along * p.y.view()(a, j);  // own * 2
        expected += term;
        scale += std::abs(term);
      }
      ASSERT_NEAR(dx.view()(a, i), expected, kTolerance<T> * scale);
    }
}

TEST(SquareSums, AreThoseOfSquaredProductsForEverySizeAndInstructionSet) {
  for_each_instruction_set([] {
    for (const Index size : {1, 2, 3, 5, 8, 13, 32})
      for (const Index tokens : {1, 3, 16, 17, 64})
        for (const Index value_dim : {1, 5, 64}) {
          SCOPED_TRACE(testing::Message() << size << " " << tokens << " " << value_dim);
          expect_sums_of_squares<double>(size, tokens, 65 - tokens, value_dim);
          expect_sums_of_squares<float>(size, tokens, 65 - tokens, value_dim);
        }
  });
}

TEST(SquareSums, KeepHalfOfTheProducts) {
  EXPECT_EQ(SquareSums<float>::features(1), 1);
  EXPECT_EQ(SquareSums<float>::features(32), 528);
  EXPECT_EQ(SquareSums<float>::numbers(31, 64), 31 * 16 * 65);
}

}  // namespace
}  // namespace prodigest::attention
