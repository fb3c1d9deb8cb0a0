#include "reference/matrices.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

namespace prodigest {

double Normals::uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1p-53; }

double Normals::operator()() {
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

Matrix<double> normal_matrix(Normals& normals, Index rows, Index cols) {
  Matrix<double> matrix(rows, cols);
  for (double& x : matrix.storage) x = normals();
  return matrix;
}

Matrix<double> heavy_matrix(Normals& normals, Index rows, Index cols) {
  Matrix<double> matrix = normal_matrix(normals, rows, cols);
  for (Index i = 0; i < rows; ++i) {
    const double length = std::pow(normals.uniform(), -1 / 1.5) - 1 + 0.05;
    for (double& x : matrix.view().row(i)) x *= length;
  }
  return matrix;
}

Matrix<double> sparse_matrix(Normals& normals, Index rows, Index cols, double density) {
  Matrix<double> matrix(rows, cols);
  for (double& x : matrix.storage) x = normals.uniform() < density ? normals() : 0;
  return matrix;
}

std::vector<RowId> numbers(Index count, RowId first) {
  std::vector<RowId> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

std::vector<RowId> shuffled_numbers(Index count, std::uint64_t seed) {
  std::vector<RowId> ids = numbers(count);
  std::mt19937_64 engine(seed);
  for (std::size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[engine() % i]);
  return ids;
}

Matrix<double> exact_product(const Matrix<double>& a, const Matrix<double>& b) {
  Matrix<double> product(a.cols, b.cols);
  for (Index r = 0; r < a.rows; ++r)
    for (Index i = 0; i < a.cols; ++i)
      for (Index j = 0; j < b.cols; ++j) product(i, j) += a(r, i) * b(r, j);
  return product;
}

double squared_norm(const Matrix<double>& matrix) {
  double sum = 0;
  for (const double x : matrix.storage) sum += x * x;
  return sum;
}

std::vector<double> squared_row_norms(const Matrix<double>& matrix) {
  std::vector<double> norms(static_cast<std::size_t>(matrix.rows));
  for (Index i = 0; i < matrix.rows; ++i)
    for (const double x : matrix.view().row(i)) norms[static_cast<std::size_t>(i)] += x * x;
  return norms;
}

double squared_distance(const Matrix<double>& a, const Matrix<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.storage.size(); ++i)
    sum += (a.storage[i] - b.storage[i]) * (a.storage[i] - b.storage[i]);
  return sum;
}

Matrix<double> dense_of(const RowsView& rows) {
  Matrix<double> dense(rows_of(rows), cols_of(rows));
  std::visit(
      [&](const auto& view) {
        for (Index i = 0; i < view.rows; ++i) {
          if constexpr (requires { view.columns; }) {
            for (Index at = view.row_start[i]; at < view.row_start[i + 1]; ++at)
              dense(i, view.columns[at]) = view.values[at];
          } else {
            for (Index j = 0; j < view.cols; ++j) dense(i, j) = view(i, j);
          }
        }
      },
      rows);
  return dense;
}

}  // namespace prodigest
