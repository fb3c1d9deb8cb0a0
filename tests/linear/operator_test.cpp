// The random matrices themselves, made visible by sketching the identity.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <string>

#include "linear/hadamard_rows.hpp"
#include "prodigest/core/random.hpp"
#include "prodigest/linear/sketch_rows.hpp"
#include "reference/matrices.hpp"
#include "reference/monte_carlo.hpp"

namespace prodigest::linear {
namespace {

Matrix<double> identity(Index n) {
  Matrix<double> matrix(n, n);
  for (Index i = 0; i < n; ++i) matrix(i, i) = 1;
  return matrix;
}

// S, size x n
Matrix<double> operator_of(const std::string& spec, Index n) {
  return sketch_rows(identity(n).view(), parse_linear_spec(spec), {}, {}, {.threads = 1})
      .parts()
      .values;
}

Matrix<double> product(const Matrix<double>& s, const Matrix<double>& a) {
  Matrix<double> out(s.rows, a.cols);
  for (Index r = 0; r < s.rows; ++r)
    for (Index i = 0; i < a.rows; ++i)
      for (Index j = 0; j < a.cols; ++j) out(r, j) += s(r, i) * a(i, j);
  return out;
}

const char* const kSpecs[] = {"gaussian:size=37,seed=3",    "gaussian:size=1",
                              "sign:size=37,seed=3",        "sign:size=300",
                              "countsketch:size=37,seed=3", "countsketch:size=1",
                              "osnap:size=37,nonzeros=5",   "osnap:size=37,nonzeros=37",
                              "srht:size=37,length=256",    "srht:size=256,length=256",
                              "srht:size=5,length=4096"};

TEST(Operator, IsThatOfEverySketch) {
  constexpr Index kRows = 250;
  Normals normals(11);
  const Matrix<double> a = sparse_matrix(normals, kRows, 70, 0.5);
  const CsrMatrix<double> sparse = csr_of(a);
  for (const char* spec : kSpecs) {
    SCOPED_TRACE(spec);
    const Matrix<double> expected = product(operator_of(spec, kRows), a);
    for (const RowsView& rows : {RowsView(a.view()), RowsView(sparse.view())}) {
      const LinearSketch sketch = sketch_rows(rows, parse_linear_spec(spec));
      EXPECT_LT(squared_distance(sketch.parts().values, expected), 1e-24 * squared_norm(expected));
      EXPECT_EQ(sketch.rows(), kRows);
      EXPECT_NEAR(*sketch.squared_norm(), squared_norm(a), 1e-9);
    }
  }
}

TEST(Operator, IsDrawnAsDocumented) {
  constexpr Index kRows = 64;
  const Seed seed{77};
  const Matrix<double> sketch = operator_of("osnap:size=1000,nonzeros=3,seed=77", kRows);
  const Matrix<double> hadamard = operator_of("srht:size=16,length=64,seed=77", kRows);
  const std::vector<RowId> selected =
      hadamard_rows(parse_linear_spec("srht:size=16,length=64,seed=77"));
  for (Index i = 0; i < kRows; ++i) {
    const auto row = static_cast<RowId>(i);
    for (Index band = 0; band < 3; ++band) {
      const Index first = band * 1000 / 3, size = (band + 1) * 1000 / 3 - first;
      const auto words = random_block(seed, Domain::kBucket, row, static_cast<std::uint32_t>(band));
      const auto fraction =
          static_cast<long double>(words[0] | std::uint64_t{words[1]} << 32) * 0x1p-64L;
      const Index bucket = first + static_cast<Index>(fraction * static_cast<long double>(size));
      for (Index r = first; r < first + size; ++r)
        EXPECT_EQ(sketch(r, i), r != bucket ? 0 : (words[3] >> 31 ? -1 : 1) / std::sqrt(3.0));
    }
    const double sign = random_block(seed, Domain::kRotationSign, row, 0)[1] >> 31 ? -1 : 1;
    for (Index r = 0; r < 16; ++r)
      EXPECT_EQ(
          hadamard(r, i),
          sign * (std::popcount(selected[static_cast<std::size_t>(r)] & row) % 2 ? -0.25 : 0.25));
  }
}

TEST(Operator, OfCountSketchHasOneSignAColumn) {
  const Matrix<double> s = operator_of("countsketch:size=10", 200);
  MeanOfTrials signs;
  for (Index i = 0; i < 200; ++i) {
    double sum = 0, size = 0;
    for (Index r = 0; r < 10; ++r) sum += s(r, i), size += std::abs(s(r, i));
    EXPECT_EQ(size, 1);
    EXPECT_EQ(std::abs(sum), 1);
    signs.add(sum);
  }
  EXPECT_LT(signs.errors_from(0), 4);
}

TEST(Operator, OfAllRowsOfAHadamardMatrixIsOrthogonal) {
  for (const Index n : {1, 2, 8, 64}) {
    const std::string text = std::to_string(n);
    const Matrix<double> s = operator_of("srht:size=" + text + ",length=" + text, n);
    const Matrix<double> product_of_itself = exact_product(s, s);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j) EXPECT_NEAR(product_of_itself(i, j), i == j, 1e-15);
  }
}

TEST(Operator, KeepsEverySetOfHadamardRowsEquallyOften) {
  std::map<std::vector<RowId>, int> counts;
  LinearSpec spec = parse_linear_spec("srht:size=3,length=8");
  constexpr int kTrials = 56 * 400;  // 56 sets of 3 of 8
  for (spec.seed.value = 0; spec.seed.value < kTrials; ++spec.seed.value)
    ++counts[hadamard_rows(spec)];
  EXPECT_EQ(counts.size(), 56u);
  double chi_squared = 0;
  for (const auto& [rows, count] : counts) {
    EXPECT_TRUE(std::ranges::is_sorted(rows));
    chi_squared += (count - 400.0) * (count - 400.0) / 400;
  }
  EXPECT_LT(std::abs(chi_squared - 55), 4 * std::sqrt(2 * 55.0));
}

// E SᵀS = I, entry by entry.
TEST(Operator, KeepsInnerProductsOnAverage) {
  constexpr Index kRows = 6;
  for (const char* text : {"gaussian:size=4", "sign:size=4", "countsketch:size=4",
                           "osnap:size=5,nonzeros=2", "srht:size=3,length=8"}) {
    SCOPED_TRACE(text);
    LinearSpec spec = parse_linear_spec(text);
    std::vector<MeanOfTrials> means(kRows * kRows);
    for (spec.seed.value = 0; spec.seed.value < 4000; ++spec.seed.value) {
      const Matrix<double> s =
          sketch_rows(identity(kRows).view(), spec, {}, {}, {.threads = 1}).parts().values;
      const Matrix<double> gram = exact_product(s, s);
      for (std::size_t e = 0; e < means.size(); ++e) means[e].add(gram.storage[e]);
    }
    for (Index i = 0; i < kRows; ++i)
      for (Index j = 0; j < kRows; ++j)
        EXPECT_LT(means[static_cast<std::size_t>(i * kRows + j)].errors_from(i == j), 4.5)
            << i << ", " << j;
  }
}

}  // namespace
}  // namespace prodigest::linear
