// The random matrices themselves, made visible by sketching the identity.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>
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
  return sketch_rows(identity(n).view(), parse_linear_spec(spec)).parts().values;
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

}  // namespace
}  // namespace prodigest::linear
