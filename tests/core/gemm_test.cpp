#include "core/gemm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/matrix_layouts.hpp"
#include "core/wild_numbers.hpp"
#include "expect_error.hpp"

// Of OpenBLAS, whose header only src/core sees.
extern "C" {
int openblas_get_num_threads(void);
void openblas_set_num_threads(int threads);
}

namespace prodigest {
namespace {

template <Real T = double>
Matrix<T> random_matrix(Index rows, Index cols, std::uint64_t seed, bool whole = false) {
  std::mt19937_64 random(seed);
  Matrix<T> matrix(rows, cols);
  for (T& x : matrix.storage) {
    x = static_cast<T>(wild_number(random, -2, 6));
    if (whole) x = std::trunc(x);
  }
  return matrix;
}

template <Real T>
Matrix<T> transposed(const Matrix<T>& a) {
  Matrix<T> t(a.cols, a.rows);
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.cols; ++j) t(j, i) = a(i, j);
  return t;
}

template <Real T>
Matrix<T> triple_loop(const Matrix<T>& a, const Matrix<T>& b) {
  Matrix<T> c(a.rows, b.cols);
  for (Index i = 0; i < a.rows; ++i)
    for (Index k = 0; k < a.cols; ++k)
      for (Index j = 0; j < b.cols; ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}

// Starts as NaN, which a product must overwrite.
template <Real T>
Matrix<T> unwritten(Index rows, Index cols) {
  Matrix<T> out(rows, cols);
  out.storage.assign(out.storage.size(), std::numeric_limits<T>::quiet_NaN());
  return out;
}

template <Real T>
Matrix<T> product(const Matrix<T>& a, const Matrix<T>& b, int threads = 1) {
  auto out = unwritten<T>(a.rows, b.cols);
  multiply(a, b, out.view(), Context{.threads = threads});
  return out;
}

template <Real T>
Matrix<T> transposed_product(const Matrix<T>& a, const Matrix<T>& b, int threads = 1) {
  auto out = unwritten<T>(a.cols, b.cols);
  multiply_transposed(a, b, out.view(), Context{.threads = threads});
  return out;
}

template <class T>
class MultiplyOf : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(MultiplyOf, Reals);

// Products of whole numbers have no rounding, so every order of summing gives the same.
TYPED_TEST(MultiplyOf, EqualsTheTripleLoopOnWholeNumbers) {
  using T = TypeParam;
  for (const Index rows : {1, 2, 7, 255, 256, 257, 600})
    for (const Index inner : {1, 3, 50})
      for (const Index cols : {1, 5, 33}) {
        const auto a = random_matrix<T>(rows, inner, 1, true);
        const auto b = random_matrix<T>(inner, cols, 2, true);
        const Matrix<T> expected = triple_loop(a, b);
        EXPECT_EQ(product(a, b), expected) << rows << " " << inner << " " << cols;
        EXPECT_EQ(transposed_product(transposed(a), b), expected);
      }
}

TYPED_TEST(MultiplyOf, AddsToWhatIsThere) {
  using T = TypeParam;
  for (const Index rows : {1, 7, 257}) {
    const auto a = random_matrix<T>(rows, 9, 1, true);
    const auto b = random_matrix<T>(9, 5, 2, true);
    const auto before = random_matrix<T>(rows, 5, 3, true);
    Matrix<T> expected = triple_loop(a, b);
    for (std::size_t i = 0; i < before.storage.size(); ++i)
      expected.storage[i] += before.storage[i];
    Matrix<T> out = before;
    add_transposed_product(transposed(a), b, out.view(), {});
    EXPECT_EQ(out, expected);
    out = before;
    add_product_by_transposed(a, transposed(b), out.view(), {});
    EXPECT_EQ(out, expected);
  }
}

TEST(Multiply, IsRightToRoundingOnAnyNumbers) {
  const Matrix<double> a = random_matrix(300, 40, 3);
  const Matrix<double> b = random_matrix(40, 20, 4);
  const Matrix<double> expected = triple_loop(a, b);
  const Matrix<double> got = product(a, b);
  const Matrix<double> got_transposed = transposed_product(transposed(a), b);
  constexpr double kTolerance = 40 * 128 * 128 * 40 * 0x1p-53;  // n * largest terms * n * rounding
  for (std::size_t i = 0; i < expected.storage.size(); ++i) {
    ASSERT_NEAR(got.storage[i], expected.storage[i], kTolerance);
    ASSERT_NEAR(got_transposed.storage[i], expected.storage[i], kTolerance);
  }
}

TEST(Multiply, ReadsAndWritesStridedViews) {
  const Matrix<double> a = random_matrix(9, 4, 5, true);
  const Matrix<double> b = random_matrix(4, 3, 6, true);
  const Matrix<double> expected = triple_loop(a, b);
  const Matrix<double> a_t = transposed(a);
  const Strided<double> a_wide(a, 2), a_t_wide(a_t, 3), b_wide(b, 5);
  std::vector<double> storage(9 * 7, -1);
  const MatrixView<double> out(storage.data(), 9, 3, 7);
  const auto expect_written = [&] {
    for (Index i = 0; i < 9; ++i)
      for (Index j = 0; j < 7; ++j)
        EXPECT_EQ(storage[static_cast<std::size_t>(7 * i + j)], j < 3 ? expected(i, j) : -1);
  };
  multiply(a_wide.view(), b_wide.view(), out, {});
  expect_written();
  multiply_transposed(a_t_wide.view(), b_wide.view(), out, {});
  expect_written();
  const Matrix<double> b_t = transposed(b);
  for (Index i = 0; i < 9; ++i) std::ranges::fill(out.row(i), 0.0);
  add_product_by_transposed(a_wide.view(), Strided<double>(b_t, 1).view(), out, {});
  expect_written();
}

TEST(Multiply, OfNothingIsZeroOrEmpty) {
  EXPECT_EQ(product(Matrix<double>(5, 0), Matrix<double>(0, 3)), Matrix<double>(5, 3));
  EXPECT_EQ(transposed_product(Matrix<double>(0, 5), Matrix<double>(0, 3)), Matrix<double>(5, 3));
  EXPECT_EQ(product(Matrix<double>(0, 4), Matrix<double>(4, 3)), Matrix<double>(0, 3));
  EXPECT_EQ(product(Matrix<double>(5, 4), Matrix<double>(4, 0)), Matrix<double>(5, 0));
  EXPECT_EQ(transposed_product(Matrix<double>(4, 0), Matrix<double>(4, 3)), Matrix<double>(0, 3));
  EXPECT_EQ(transposed_product(Matrix<double>(4, 5), Matrix<double>(4, 0)), Matrix<double>(5, 0));
}

TEST(Multiply, HasTheSameBitsForEveryNumberOfThreads) {
  const Matrix<double> a = random_matrix(1100, 30, 7);
  const Matrix<double> b = random_matrix(30, 41, 8);
  const Matrix<double> a_t = transposed(a);
  const Matrix<double> expected = product(a, b, 1);
  const Matrix<double> expected_transposed = transposed_product(a_t, b, 1);
  for (const int threads : {0, 2, 7})
    for (int repeat = 0; repeat < 10; ++repeat) {
      ASSERT_EQ(product(a, b, threads), expected) << threads;
      ASSERT_EQ(transposed_product(a_t, b, threads), expected_transposed) << threads;
    }
}

TEST(Multiply, HasTheSameBitsFromManyCallersAtOnce) {
  const Matrix<double> a = random_matrix(700, 60, 9);
  const Matrix<double> b = random_matrix(60, 50, 10);
  const Matrix<double> expected = product(a, b);
  std::vector<int> wrong(6);
  {
    std::vector<std::jthread> callers;
    for (std::size_t caller = 0; caller < wrong.size(); ++caller)
      callers.emplace_back([&, caller] {
        for (int repeat = 0; repeat < 20; ++repeat)
          wrong[caller] += product(a, b, 1 + static_cast<int>(caller % 3)) != expected;
      });
  }
  EXPECT_EQ(wrong, std::vector<int>(6, 0));
}

class OpenBlasThreads : public testing::Test {
 protected:
  OpenBlasThreads() { openblas_set_num_threads(kUsers); }
  ~OpenBlasThreads() override { openblas_set_num_threads(before_); }

  static constexpr int kUsers = 2;  // as if the user had set it so
  const int before_ = openblas_get_num_threads();
  const Matrix<double> a_ = random_matrix(600, 5, 11);
  const Matrix<double> b_ = random_matrix(5, 6, 12);
  Matrix<double> out_ = Matrix<double>(600, 6);
};

TEST_F(OpenBlasThreads, AreOneDuringACallAndTheUsersAfterwards) {
  ASSERT_EQ(openblas_get_num_threads(), kUsers);
  std::vector<int> during;
  Context context{.threads = 2};
  context.progress = [&](Index) { during.push_back(openblas_get_num_threads()); };
  multiply(a_, b_, out_.view(), context);
  EXPECT_EQ(during, std::vector<int>(3, 1));
  EXPECT_EQ(openblas_get_num_threads(), kUsers);
}

TEST_F(OpenBlasThreads, AreTheUsersAfterACancelledCall) {
  std::stop_source stop;
  Context context{.threads = 2, .cancel = stop.get_token()};
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, "cancelled: the caller asked to stop, nothing was changed",
               [&] { multiply(a_, b_, out_.view(), context); });
  EXPECT_EQ(openblas_get_num_threads(), kUsers);
}

TEST_F(OpenBlasThreads, AreTheUsersAfterManyCallersAtOnce) {
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller)
      callers.emplace_back([&] {
        for (int repeat = 0; repeat < 50; ++repeat) product(a_, b_, 2);
      });
  }
  EXPECT_EQ(openblas_get_num_threads(), kUsers);
}

}  // namespace
}  // namespace prodigest
