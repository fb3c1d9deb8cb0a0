#include "regression/spectrum.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>

#include "core/gemm.hpp"

namespace prodigest::regression {
namespace {

constexpr double kRankTolerance = 1e-12;

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

Solver solver_of(const Matrix<double>& matrix, int options) {
  // Symmetric: it does not matter that Eigen counts by columns.
  return Solver(Eigen::Map<const Eigen::MatrixXd>(matrix.storage.data(), matrix.rows, matrix.cols),
                options);
}

// How many of the smallest eigenvalues count as zero.
Index null_directions(const Eigen::VectorXd& ascending, double tolerance = kRankTolerance) {
  const double least =
      std::max(ascending[ascending.size() - 1] * tolerance, std::numeric_limits<double>::min());
  Index count = 0;
  while (count < ascending.size() && !(ascending[count] >= least)) ++count;
  return count;
}

}  // namespace

Spectrum::Spectrum(const Matrix<double>& matrix, double rounding) : vectors_(matrix.rows, 0) {
  if (matrix.rows == 0) return;
  const Solver solver = solver_of(matrix, Eigen::ComputeEigenvectors);
  const Index first = null_directions(solver.eigenvalues(), std::max(kRankTolerance, rounding));
  vectors_ = Matrix<double>(matrix.rows, matrix.rows - first);
  for (Index k = first; k < matrix.rows; ++k) {
    values_.push_back(solver.eigenvalues()[k]);
    for (Index j = 0; j < matrix.rows; ++j) vectors_(j, k - first) = solver.eigenvectors()(j, k);
  }
}

std::vector<double> Spectrum::project(std::span<const double> x) const {
  std::vector<double> y(values_.size());
  for (std::size_t j = 0; j < x.size(); ++j)
    for (std::size_t k = 0; k < y.size(); ++k)
      y[k] += vectors_(static_cast<Index>(j), static_cast<Index>(k)) * x[j];
  return y;
}

std::vector<double> Spectrum::solve(std::span<const double> x, double ridge) const {
  std::vector<double> y = project(x);
  for (std::size_t k = 0; k < y.size(); ++k) y[k] /= values_[k] + ridge;
  std::vector<double> solution(x.size());
  for (std::size_t j = 0; j < x.size(); ++j)
    for (std::size_t k = 0; k < y.size(); ++k)
      solution[j] += vectors_(static_cast<Index>(j), static_cast<Index>(k)) * y[k];
  return solution;
}

Matrix<double> Spectrum::inverse(double ridge, const Context& context) const {
  Matrix<double> half(rank(), vectors_.rows);
  for (Index k = 0; k < half.rows; ++k)
    for (Index j = 0; j < half.cols; ++j)
      half(k, j) = vectors_(j, k) / std::sqrt(values_[static_cast<std::size_t>(k)] + ridge);
  Matrix<double> inverse(half.cols, half.cols);
  multiply_transposed(half.view(), half.view(), inverse.view(), context);
  return inverse;
}

Index rank_of(const Matrix<double>& matrix) {
  if (matrix.rows == 0) return 0;
  return matrix.rows - null_directions(solver_of(matrix, Eigen::EigenvaluesOnly).eigenvalues());
}

}  // namespace prodigest::regression
