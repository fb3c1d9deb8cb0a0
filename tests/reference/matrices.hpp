#pragma once
// Matrices for tests and the plain arithmetic that results are held against.

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

/// Standard normals by Box-Muller from a fixed engine: std::normal_distribution gives other numbers
/// with every standard library.
class Normals {
 public:
  explicit Normals(std::uint64_t seed) : engine_(seed) {}
  double operator()();
  double uniform();  ///< in (0, 1)
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

Matrix<double> normal_matrix(Normals& normals, Index rows, Index cols);
/// Rows whose lengths have a Pareto(1.5) tail.
Matrix<double> heavy_matrix(Normals& normals, Index rows, Index cols);
/// Normal entries, each kept with probability `density`.
Matrix<double> sparse_matrix(Normals& normals, Index rows, Index cols, double density);

template <Real T>
Matrix<T> converted(const Matrix<double>& matrix) {
  Matrix<T> copy(matrix.rows, matrix.cols);
  copy.storage.assign(matrix.storage.begin(), matrix.storage.end());
  return copy;
}

/// @param keep_zeros store zeros too, as some files do
template <Real T>
CsrMatrix<T> csr_of(const Matrix<T>& matrix, bool keep_zeros = false) {
  CsrMatrix<T> csr;
  csr.cols = matrix.cols;
  for (Index i = 0; i < matrix.rows; ++i) {
    for (Index j = 0; j < matrix.cols; ++j) {
      if (matrix(i, j) == 0 && !keep_zeros) continue;
      csr.columns.push_back(static_cast<std::int32_t>(j));
      csr.values.push_back(matrix(i, j));
    }
    csr.row_start.push_back(static_cast<Index>(csr.values.size()));
  }
  return csr;
}

/// The rows in the order given.
template <Real T>
Matrix<T> rows_at(const Matrix<T>& matrix, std::span<const RowId> order) {
  Matrix<T> picked(static_cast<Index>(order.size()), matrix.cols);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (Index j = 0; j < matrix.cols; ++j)
      picked(static_cast<Index>(i), j) = matrix(static_cast<Index>(order[i]), j);
  return picked;
}

/// 0, 1, ..., count - 1 from `first` on.
std::vector<RowId> numbers(Index count, RowId first = 0);
/// 0, 1, ..., count - 1 in random order.
std::vector<RowId> shuffled_numbers(Index count, std::uint64_t seed);

Matrix<double> exact_product(const Matrix<double>& a, const Matrix<double>& b);  ///< aᵀ b
double squared_norm(const Matrix<double>& matrix);                               ///< Frobenius
std::vector<double> squared_row_norms(const Matrix<double>& matrix);
double squared_distance(const Matrix<double>& a, const Matrix<double>& b);
Matrix<double> dense_of(const RowsView& rows);

}  // namespace prodigest
