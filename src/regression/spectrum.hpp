#pragma once
// The eigenvectors of a Gram matrix, from which its inverse under any ridge follows.

#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::regression {

/// A symmetric positive semidefinite matrix as V diag(values) Vᵀ, without the directions whose
/// eigenvalue is below 1e-12 of the largest: they count as absent, so inverses are pseudo-inverses.
/// @complexity O(d³)
class Spectrum {
 public:
  /// @param rounding relative error of the entries, if that is worse than of one made in double
  explicit Spectrum(const Matrix<double>& matrix, double rounding = 0);

  Index rank() const { return std::ssize(values_); }
  const std::vector<double>& values() const { return values_; }  // [rank], ascending
  const Matrix<double>& vectors() const { return vectors_; }     // d x rank
  /// Vᵀ x.
  std::vector<double> project(std::span<const double> x) const;
  /// (matrix + ridge I)⁺ x, in the directions that are there.
  std::vector<double> solve(std::span<const double> x, double ridge) const;
  /// (matrix + ridge I)⁺.
  Matrix<double> inverse(double ridge, const Context& context) const;

 private:
  std::vector<double> values_;
  Matrix<double> vectors_;
};

/// Eigenvalues above 1e-12 of the largest, counted; for when the vectors are not needed.
Index rank_of(const Matrix<double>& matrix);

}  // namespace prodigest::regression
