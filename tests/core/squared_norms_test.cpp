#include "core/squared_norms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/matrix_layouts.hpp"
#include "core/wild_numbers.hpp"
#include "simd_targets.hpp"

namespace prodigest {
namespace {

// The documented order, word for word: non-zero entries are dealt to eight lanes like cards.
template <Real T>
double squared_norm(std::span<const T> row) {
  std::array<double, 8> l{};
  std::size_t dealt = 0;
  for (const T x : row)
    if (x != 0) l[dealt++ % 8] += static_cast<double>(x) * static_cast<double>(x);
  return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
}

template <Real T>
std::vector<double> reference(const Matrix<T>& matrix) {
  std::vector<double> norms;
  for (Index i = 0; i < matrix.rows; ++i) norms.push_back(squared_norm(matrix.view().row(i)));
  return norms;
}

std::vector<double> norms_of(const RowsView& block) {
  std::vector<double> out(static_cast<std::size_t>(rows_of(block)), -1);
  squared_norms(block, out);
  return out;
}

template <Real T>
void expect_documented_order(const Matrix<T>& matrix) {
  const std::vector<double> expected = reference(matrix);
  const Strided<T> strided(matrix, 5);
  const CsrMatrix<T> sparse = to_csr(matrix);
  const CsrMatrix<T> full = to_csr(matrix, Zeros::kStored);
  for_each_instruction_set([&] {
    ASSERT_EQ(norms_of(matrix.view()), expected) << matrix.cols << " columns";
    ASSERT_EQ(norms_of(strided.view()), expected) << matrix.cols << " columns";
    ASSERT_EQ(norms_of(sparse.view()), expected) << matrix.cols << " columns";
    ASSERT_EQ(norms_of(full.view()), expected) << matrix.cols << " columns";
  });
}

const std::vector<Index>& lengths() {
  static const std::vector<Index> all = [] {
    std::vector<Index> list(41);
    std::iota(list.begin(), list.end(), 0);
    list.insert(list.end(), {255, 256, 257, 1023, 1024, 1025, 4099});
    return list;
  }();
  return all;
}

using IsZero = std::function<bool(std::mt19937_64&, Index column, Index cols)>;

// Where the zeros of a row stand. Eight zeros between the others make 1024 + 8 columns hold 1024.
const std::vector<IsZero>& zero_patterns() {
  static const std::vector<IsZero> all = {
      [](auto&, Index, Index) { return false; },
      [](auto&, Index, Index) { return true; },
      [](auto&, Index j, Index) { return j == 0; },
      [](auto&, Index j, Index n) { return j == n - 1; },
      [](auto&, Index j, Index n) { return j == n / 2; },
      [](auto&, Index j, Index) { return j % 8 == 7; },
      [](auto&, Index j, Index n) { return j < n / 3; },
      [](auto&, Index j, Index n) { return j > n / 3; },
      [](auto& random, Index, Index) { return random() % 10 == 0; },
      [](auto& random, Index, Index) { return random() % 10 != 0; },
      [](auto& random, Index, Index) { return random() % 2 == 0; },
  };
  return all;
}

// One row for every pattern. Some squares vanish: such an entry still takes its lane's turn. Zeros
// have either sign.
Matrix<double> example(Index cols, int largest_exponent) {
  std::mt19937_64 random(static_cast<std::uint64_t>(cols));
  Matrix<double> matrix(static_cast<Index>(zero_patterns().size()), cols);
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < cols; ++j) {
      const bool zero = zero_patterns()[static_cast<std::size_t>(i)](random, j, cols);
      const double x =
          random() % 16 == 0
              ? std::copysign(std::numeric_limits<float>::denorm_min(), wild_number(random, 0, 0))
              : wild_number(random, -largest_exponent, largest_exponent);
      matrix(i, j) = zero ? std::copysign(0.0, x) : x;
    }
  return matrix;
}

TEST(SquaredNorms, OfDoublesAreSummedInTheDocumentedOrder) {
  for (const Index cols : lengths())
    for (const int exponent : {2, 30, 500}) expect_documented_order(example(cols, exponent));
}

TEST(SquaredNorms, OfFloatsAreSquaredAndSummedInDouble) {
  for (const Index cols : lengths())
    for (const int exponent : {2, 30, 100})
      expect_documented_order(rounded_to<float>(example(cols, exponent)));
}

TEST(SquaredNorms, SkipOneZeroAnywhere) {
  for (Index cols = 1; cols <= 40; ++cols) {
    std::mt19937_64 random(7);
    Matrix<double> matrix(cols, cols);  // row i has its zero in column i
    for (Index i = 0; i < cols; ++i)
      for (Index j = 0; j < cols; ++j) matrix(i, j) = i == j ? 0 : wild_number(random, -30, 30);
    expect_documented_order(matrix);
    expect_documented_order(rounded_to<float>(matrix));
  }
}

// A row with zeros is packed into a buffer of 1024 entries: full, one short of it, one past it.
TEST(SquaredNorms, AreExactAroundAFullBufferOfNonZeros) {
  std::mt19937_64 random(8);
  for (const Index non_zeros : {1016, 1023, 1024, 1025, 1032, 2047, 2048, 2049}) {
    Matrix<double> matrix(2, non_zeros + 9);  // the zeros in front, or spread over the row
    for (Index j = 0; j < matrix.cols; ++j) {
      matrix(0, j) = j < 9 ? 0 : wild_number(random, -30, 30);
      matrix(1, j) = j % 100 == 3 && j < 900 ? 0 : wild_number(random, -30, 30);
    }
    expect_documented_order(matrix);
    expect_documented_order(rounded_to<float>(matrix));
  }
}

TEST(SquaredNorms, OfASliceAreThoseOfItsRows) {
  const Matrix<double> matrix = example(40, 30);
  const CsrMatrix<double> sparse = to_csr(matrix);
  const std::vector<double> all = reference(matrix);
  for_each_instruction_set([&] {
    for (Index first = 0; first <= matrix.rows; ++first) {
      const Index count = (matrix.rows - first) / 2;
      const std::vector<double> expected(all.begin() + first, all.begin() + first + count);
      EXPECT_EQ(norms_of(matrix.view().slice(first, count)), expected);
      EXPECT_EQ(norms_of(sparse.view().slice(first, count)), expected);
    }
  });
}

// Otherwise the tests above could not tell one order from another.
TEST(SquaredNorms, TheOrderShowsInTheResult) {
  const Matrix<double> matrix = example(1023, 2);
  int different = 0;
  for (Index i = 0; i < matrix.rows; ++i) {
    double in_order = 0;
    for (const double x : matrix.view().row(i)) in_order += x * x;
    different += in_order != squared_norm(matrix.view().row(i));
  }
  EXPECT_GT(different, 5);
}

TEST(SquaredNorms, OverflowToInfinityAndUnderflowToZero) {
  Matrix<double> matrix(2, 3);
  matrix.storage = {1e200, 1, 1, 1e-200, 1e-200, 0};
  for_each_instruction_set([&] {
    EXPECT_EQ(norms_of(matrix.view()),
              (std::vector<double>{std::numeric_limits<double>::infinity(), 0}));
  });
}

}  // namespace
}  // namespace prodigest
