#include "core/column_sums.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "core/matrix_layouts.hpp"
#include "core/wild_numbers.hpp"
#include "simd_targets.hpp"

namespace prodigest {
namespace {

using Expansions = std::vector<std::vector<double>>;

Expansions expansions(const std::vector<ExactSum>& sums) {
  Expansions all;
  for (const ExactSum& sum : sums) all.push_back(sum.expansion());
  return all;
}
Expansions expansions(const ColumnSums& sums) { return expansions(sums.sums()); }

Expansions column_sums(const RowsView& block) {
  ColumnSums sums(cols_of(block));
  sums.add(block);
  return expansions(sums);
}

template <Real T>
Expansions one_by_one(const Matrix<T>& matrix) {
  std::vector<ExactSum> sums(static_cast<std::size_t>(matrix.cols));
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) sums[static_cast<std::size_t>(j)].add(matrix(i, j));
  return expansions(sums);
}

// Kinds of columns; the units of a column are made for its first entries, so what follows counts.
struct Kind {
  std::string name;
  std::function<double(std::mt19937_64&, Index row)> entry;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"ordinary", [](auto& random, Index) { return wild_number(random, -3, 3); }},
      {"whole", [](auto& random, Index) { return std::trunc(wild_number(random, 0, 12)); }},
      {"wild", [](auto& random, Index) { return wild_number(random, -300, 300); }},
      {"growing",
       [](auto& random, Index row) {
         return wild_number(random, static_cast<int>(row % 300), static_cast<int>(row % 300));
       }},
      {"shrinking",
       [](auto& random, Index row) {
         return wild_number(random, static_cast<int>(-(row % 300)), static_cast<int>(-(row % 300)));
       }},
      {"mostly zero",
       [](auto& random, Index) {
         return random() % 8 == 0 ? wild_number(random, -300, 300) : 0.0;
       }},
      {"near the largest", [](auto& random, Index) { return wild_number(random, 880, 1015); }},
      {"near the smallest", [](auto& random, Index) { return wild_number(random, -1074, -880); }},
      {"everything", [](auto& random, Index) { return wild_number(random, -1074, 1015); }},
  };
  return all;
}

// All columns of one kind, or with `kind` null each of the next one.
Matrix<double> example(Index rows, Index cols, const Kind* kind = nullptr) {
  std::mt19937_64 random(static_cast<std::uint64_t>(1000 * rows + cols));
  Matrix<double> matrix(rows, cols);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; ++j) {
      const Kind& own = kind ? *kind : kinds()[static_cast<std::size_t>(j) % kinds().size()];
      matrix(i, j) = own.entry(random, i);
    }
  return matrix;
}

// As floats, with exponents folded into their range.
Matrix<float> example_floats(Index rows, Index cols) {
  std::mt19937_64 random(static_cast<std::uint64_t>(1000 * rows + cols));
  Matrix<float> matrix(rows, cols);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; ++j)
      matrix(i, j) = static_cast<float>(j % 3 == 0          ? wild_number(random, -3, 3)
                                        : j % 3 == 1        ? wild_number(random, -149, 126)
                                        : random() % 4 == 0 ? 1.0
                                                            : 0.0);
  return matrix;
}

template <Real T>
void expect_one_by_one_in_every_layout(const Matrix<T>& matrix) {
  const Expansions expected = one_by_one(matrix);
  const Strided<T> strided(matrix, 3);
  const CsrMatrix<T> sparse = to_csr(matrix);
  const CsrMatrix<T> full = to_csr(matrix, Zeros::kStored);
  for_each_instruction_set([&] {
    ASSERT_EQ(column_sums(matrix.view()), expected) << matrix.rows << " x " << matrix.cols;
    ASSERT_EQ(column_sums(strided.view()), expected) << matrix.rows << " x " << matrix.cols;
    ASSERT_EQ(column_sums(sparse.view()), expected) << matrix.rows << " x " << matrix.cols;
    ASSERT_EQ(column_sums(full.view()), expected) << matrix.rows << " x " << matrix.cols;
  });
}

constexpr std::array<Index, 12> kRowCounts = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 50};

TEST(ColumnSums, OfDoublesAreExactForEveryWidth) {
  for (Index cols = 1; cols <= 40; ++cols)
    for (const Index rows : kRowCounts) expect_one_by_one_in_every_layout(example(rows, cols));
}

TEST(ColumnSums, OfFloatsAreExactForEveryWidth) {
  for (Index cols = 1; cols <= 40; ++cols)
    for (const Index rows : kRowCounts)
      expect_one_by_one_in_every_layout(example_floats(rows, cols));
}

TEST(ColumnSums, OfEveryRowCountUpTo50AreExact) {
  for (Index rows = 0; rows <= 50; ++rows) {
    expect_one_by_one_in_every_layout(example(rows, 11));
    expect_one_by_one_in_every_layout(example_floats(rows, 11));
  }
}

TEST(ColumnSums, OfEveryKindOfColumnAreExact) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    expect_one_by_one_in_every_layout(example(300, 9, &kind));
  }
}

TEST(ColumnSums, AreExactPastTheFlush) {
  expect_one_by_one_in_every_layout(example(17000, 9));
  expect_one_by_one_in_every_layout(example_floats(33000, 3));
}

// The first entry makes the limit 16. Then come the largest entries below it, more of one sign than
// running sums could take without a flush.
TEST(ColumnSums, AreExactWhenTheUnitsAreFilledToTheBrim) {
  for (const double sign : {1.0, -1.0}) {
    std::mt19937_64 random(4);
    Matrix<double> matrix(40000, 3);
    for (Index i = 0; i < matrix.rows; ++i) {
      matrix(i, 0) = i == 0 ? 1 : sign * std::nextafter(16.0, 0.0);
      // Just below half a coarse unit, which is 2^-34 now: all of it goes to the fine units.
      matrix(i, 1) = i == 0 ? 1 : sign * std::nextafter(0x1p-35, 0.0);
      matrix(i, 2) = i == 0 ? 1 : sign * std::abs(wild_number(random, 3, 3));
    }
    expect_one_by_one_in_every_layout(matrix);
  }
}

TEST(ColumnSums, DoNotDependOnBlocks) {
  const Matrix<double> matrix = example(500, 13);
  const CsrMatrix<double> sparse = to_csr(matrix);
  const Expansions expected = one_by_one(matrix);
  for (const Index block : {1, 3, 8, 100, 499}) {
    ColumnSums dense_sums(13);
    ColumnSums mixed_sums(13);
    for (Index first = 0; first < 500; first += block) {
      const Index count = std::min(block, 500 - first);
      dense_sums.add(matrix.view().slice(first, count));
      const bool dense = first / block % 2 == 0;
      mixed_sums.add(dense ? RowsView(matrix.view().slice(first, count))
                           : RowsView(sparse.view().slice(first, count)));
    }
    EXPECT_EQ(expansions(dense_sums), expected) << block;
    EXPECT_EQ(expansions(mixed_sums), expected) << block;
  }
}

TEST(ColumnSums, OfShardsAddUpToTheWhole) {
  const Matrix<double> matrix = example(101, 13);
  ColumnSums sums(13);
  ColumnSums rest(13);
  sums.add(matrix.view().slice(0, 40));
  rest.add(matrix.view().slice(40, 61));
  sums.add(rest);
  EXPECT_EQ(expansions(sums), one_by_one(matrix));
  EXPECT_EQ(sums.cols(), 13);
}

TEST(ColumnSums, CanBeReadInBetween) {
  const Matrix<double> matrix = example(40, 5);
  ColumnSums sums(5);
  for (Index i = 0; i < 40; ++i) {
    sums.add(matrix.view().slice(i, 1));
    ASSERT_EQ(expansions(sums), column_sums(matrix.view().slice(0, i + 1))) << i;
  }
}

template <Real T>
void expect_remove_undoes_add(const Matrix<T>& kept, const Matrix<T>& removed) {
  const Expansions expected = one_by_one(kept);
  const CsrMatrix<T> sparse = to_csr(removed);
  const Strided<T> strided(removed, 2);
  for (const RowsView& added : {RowsView(removed.view()), RowsView(sparse.view())})
    for (const RowsView& taken :
         {RowsView(removed.view()), RowsView(sparse.view()), RowsView(strided.view())}) {
      ColumnSums sums(kept.cols);
      sums.add(kept.view());
      sums.add(added);
      EXPECT_NE(expansions(sums), expected);
      sums.remove(taken);
      EXPECT_EQ(expansions(sums), expected);
    }
}

TEST(ColumnSums, RemoveUndoesAddInEveryLayout) {
  expect_remove_undoes_add(example(40, 12), example(31, 12));
  expect_remove_undoes_add(example_floats(40, 12), example_floats(31, 12));
}

TEST(ColumnSums, OfNoColumnsAreNone) {
  ColumnSums sums(0);
  sums.add(MatrixView<const double>(nullptr, 5, 0));
  EXPECT_TRUE(sums.sums().empty());
}

TEST(AddExactly, EqualsAddingOneByOne) {
  for (const std::size_t count : {0, 1, 63, 64, 1023, 1024, 1025, 1087, 1088, 5000})
    for (const Kind& kind : kinds()) {
      const Matrix<double> terms = example(static_cast<Index>(count), 1, &kind);
      ExactSum expected(std::vector<double>{0.1, 1e30});
      for (const double term : terms.storage) expected.add(term);
      for_each_instruction_set([&] {
        ExactSum sum(std::vector<double>{0.1, 1e30});
        add_exactly(sum, terms.storage);
        ASSERT_EQ(sum.expansion(), expected.expansion()) << count << " " << kind.name;
      });
    }
}

}  // namespace
}  // namespace prodigest
