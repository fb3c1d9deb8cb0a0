#include "core/hadamard.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "core/wild_numbers.hpp"
#include "expect_error.hpp"
#include "simd_targets.hpp"

namespace prodigest {
namespace {

// The documented order, word for word: rows 1 apart, then 2 apart, 4 apart and so on.
template <Real T>
void reference(Matrix<T>& x) {
  for (Index apart = 1; apart < x.rows; apart *= 2)
    for (Index i = 0; i < x.rows; ++i)
      for (Index j = 0; j < x.cols; ++j)
        if ((i & apart) == 0) {
          const T a = x(i, j), b = x(i + apart, j);
          x(i, j) = a + b;
          x(i + apart, j) = a - b;
        }
}

template <Real T>
Matrix<T> wild_matrix(Index rows, Index cols) {
  Matrix<T> matrix(rows, cols);
  std::mt19937_64 random(static_cast<std::uint64_t>(1000 * rows + cols));
  for (T& x : matrix.storage) x = static_cast<T>(wild_number(random, -20, 20));
  return matrix;
}

template <Real T>
Matrix<T> small_integers(Index rows, Index cols) {
  Matrix<T> matrix(rows, cols);
  std::mt19937_64 random(static_cast<std::uint64_t>(1000 * rows + cols));
  for (T& x : matrix.storage) x = static_cast<T>(random() % 201) - 100;
  return matrix;
}

// A panel within a wider matrix; what stands between its rows must stay.
template <Real T>
class Panel {
 public:
  Panel(const Matrix<T>& from, Index gap) : whole_(from.rows, from.cols + gap), cols_(from.cols) {
    for (T& x : whole_.storage) x = kBetween;
    for (Index i = 0; i < from.rows; ++i)
      std::ranges::copy(from.view().row(i), view().row(i).begin());
  }
  MatrixView<T> view() { return {whole_.storage.data(), whole_.rows, cols_, whole_.cols}; }
  Matrix<T> content() {
    Matrix<T> matrix(whole_.rows, cols_);
    for (Index i = 0; i < whole_.rows; ++i)
      std::ranges::copy(view().row(i), matrix.view().row(i).begin());
    return matrix;
  }
  void expect_gaps_untouched() const {
    for (Index i = 0; i < whole_.rows; ++i)
      for (Index j = cols_; j < whole_.cols; ++j) ASSERT_EQ(whole_(i, j), kBetween);
  }

 private:
  static constexpr T kBetween = 77;
  Matrix<T> whole_;
  Index cols_;
};

// Each equal bit for bit: no sum is zero, infinite or NaN with these numbers but by chance, and
// then equal numbers are zeros of either sign at worst, so the bits are compared.
template <Real T>
void expect_same_bits(const Matrix<T>& got, const Matrix<T>& expected) {
  for (Index i = 0; i < got.rows; ++i)
    for (Index j = 0; j < got.cols; ++j) {
      ASSERT_EQ(got(i, j), expected(i, j)) << "row " << i << ", column " << j;
      ASSERT_EQ(std::signbit(got(i, j)), std::signbit(expected(i, j)));
    }
}

template <class T>
class Hadamard : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Hadamard, Reals);

TYPED_TEST(Hadamard, EqualsTheMatrixExactlyForIntegers) {
  for (Index n = 1; n <= 1024; n *= 2) {
    const Matrix<TypeParam> x = small_integers<TypeParam>(n, 3);
    Matrix<TypeParam> expected(n, 3);
    for (Index i = 0; i < n; ++i)
      for (Index k = 0; k < n; ++k)
        for (Index j = 0; j < 3; ++j)
          expected(i, j) +=
              std::popcount(static_cast<std::uint64_t>(i & k)) % 2 ? -x(k, j) : x(k, j);
    Matrix<TypeParam> panel = x;
    hadamard_columns(panel.view(), {});
    ASSERT_EQ(panel, expected) << n;
    for (Index j = 0; j < 3; ++j) {
      std::vector<TypeParam> column;
      for (Index i = 0; i < n; ++i) column.push_back(x(i, j));
      hadamard(std::span(column));
      for (Index i = 0; i < n; ++i) ASSERT_EQ(column[i], expected(i, j)) << n << ", row " << i;
    }
  }
}

TYPED_TEST(Hadamard, TwiceIsTheSizeTimesTheColumn) {
  for (Index n : {1, 2, 64, 1024, 16384}) {
    const Matrix<TypeParam> x = small_integers<TypeParam>(n, 5);
    Matrix<TypeParam> panel = x;
    hadamard_columns(panel.view(), {});
    if (n > 1) {
      EXPECT_NE(panel, x);
    }
    // Sums of 16384 numbers up to 100, and again: the float ones stay multiples of 2^14.
    if (std::is_same_v<TypeParam, float> && n > 1024) continue;
    hadamard_columns(panel.view(), {});
    for (std::size_t i = 0; i < x.storage.size(); ++i)
      ASSERT_EQ(panel.storage[i], static_cast<TypeParam>(n) * x.storage[i]);
  }
}

TYPED_TEST(Hadamard, VectorAddsInTheDocumentedOrderOnEveryInstructionSet) {
  for (Index n = 1; n <= 1 << 15; n *= 2) {
    const Matrix<TypeParam> x = wild_matrix<TypeParam>(n, 1);
    Matrix<TypeParam> expected = x;
    reference(expected);
    for_each_instruction_set([&] {
      for (const std::size_t shift : {0, 1}) {  // the second one is not aligned
        std::vector<TypeParam> memory(shift);
        memory.insert(memory.end(), x.storage.begin(), x.storage.end());
        memory.push_back(77);
        hadamard(std::span(memory).subspan(shift, x.storage.size()));
        Matrix<TypeParam> got(n, 1);
        std::copy_n(memory.begin() + static_cast<Index>(shift), n, got.storage.begin());
        expect_same_bits(got, expected);
        ASSERT_EQ(memory.back(), 77);
      }
    });
  }
}

// Shapes on either side of every choice the transform makes: passes of 2, 4 and 8; a panel that a
// cache holds or not; strips of columns; rows in two phases.
struct Shape {
  Index rows, cols;
};
constexpr Shape kShapes[] = {{1, 1},     {1, 17},     {2, 1},      {2, 3},     {4, 17},
                             {8, 3},     {8, 65},     {16, 17},    {32, 3},    {64, 1},
                             {64, 33},   {128, 130},  {256, 1},    {512, 17},  {512, 300},
                             {1024, 3},  {1024, 129}, {2048, 17},  {4096, 1},  {4096, 19},
                             {8, 40000}, {2, 70000},  {1, 100000}, {8192, 1},  {8192, 3},
                             {8192, 40}, {16384, 17}, {65536, 3},  {65536, 33}};

TYPED_TEST(Hadamard, ColumnsAddInTheDocumentedOrderOnEveryInstructionSet) {
  for (const auto& [rows, cols] : kShapes) {
    SCOPED_TRACE(testing::Message() << rows << " x " << cols);
    const Matrix<TypeParam> x = wild_matrix<TypeParam>(rows, cols);
    Matrix<TypeParam> expected = x;
    reference(expected);
    for_each_instruction_set([&] {
      for (const Index gap : {0, 5}) {
        Panel<TypeParam> panel(x, gap);
        hadamard_columns(panel.view(), Context{.threads = 1});
        expect_same_bits(panel.content(), expected);
        panel.expect_gaps_untouched();
      }
    });
  }
}

TYPED_TEST(Hadamard, ThreadsDoNotShow) {
  for (const auto& [rows, cols] : {Shape{1024, 500}, Shape{16384, 33}, Shape{8, 40000}}) {
    const Matrix<TypeParam> x = wild_matrix<TypeParam>(rows, cols);
    Matrix<TypeParam> expected = x;
    reference(expected);
    for (const int threads : {1, 2, 7})
      for (const Index gap : {0, 3}) {
        Panel<TypeParam> panel(x, gap);
        hadamard_columns(panel.view(), Context{.threads = threads});
        expect_same_bits(panel.content(), expected);
        panel.expect_gaps_untouched();
      }
  }
}

TYPED_TEST(Hadamard, NaNAndInfinityReachTheirOwnColumnOnly) {
  for_each_instruction_set([&] {
    Matrix<TypeParam> x = small_integers<TypeParam>(64, 19);
    Matrix<TypeParam> finite = x;
    x(5, 3) = std::numeric_limits<TypeParam>::quiet_NaN();
    x(6, 18) = std::numeric_limits<TypeParam>::infinity();
    hadamard_columns(x.view(), {});
    hadamard_columns(finite.view(), {});
    for (Index i = 0; i < 64; ++i)
      for (Index j = 0; j < 19; ++j) {
        if (j == 3)
          EXPECT_TRUE(std::isnan(x(i, j)));
        else if (j == 18)
          EXPECT_TRUE(std::isinf(x(i, j)));
        else
          EXPECT_EQ(x(i, j), finite(i, j));
      }
  });
}

TYPED_TEST(Hadamard, RefusesOtherLengths) {
  std::vector<TypeParam> x(12, 1);
  expect_error(ErrorCode::kInvalidArgument,
               "hadamard: the length must be a power of two, got 12 (pad with zeros to 16)",
               [&] { hadamard(std::span(x)); });
  expect_error(ErrorCode::kInvalidArgument,
               "hadamard: the length must be a power of two, got 0 (pad with zeros to 1)",
               [&] { hadamard(std::span<TypeParam>()); });
  expect_error(ErrorCode::kInvalidArgument,
               "hadamard: the number of rows must be a power of two, got 3 (pad with zeros to 4)",
               [&] { hadamard_columns(MatrixView<TypeParam>(x.data(), 3, 4), {}); });
  expect_error(ErrorCode::kInvalidArgument,
               "hadamard: the number of rows must be a power of two, got 0 (pad with zeros to 1)",
               [&] { hadamard_columns(MatrixView<TypeParam>(x.data(), 0, 4), {}); });
  EXPECT_EQ(x, std::vector<TypeParam>(12, 1));
  hadamard_columns(MatrixView<TypeParam>(x.data(), 4, 0), {});
  EXPECT_EQ(x, std::vector<TypeParam>(12, 1));
}

TYPED_TEST(Hadamard, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  Matrix<TypeParam> x(16, 4);
  expect_error(
      ErrorCode::kCancelled, "cancelled: the caller asked to stop, nothing was changed",
      [&] { hadamard_columns(x.view(), Context{.threads = 1, .cancel = stop.get_token()}); });
}

}  // namespace
}  // namespace prodigest
