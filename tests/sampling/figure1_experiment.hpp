#pragma once
// The experiment of the source paper's Figure 1: the error of AᵀB from samples and from projections
// of equal storage, on random matrices with outliers.

#include <cstdint>

#include "prodigest/base/matrix.hpp"
#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::sampling {

class Figure1Experiment {
 public:
  /// Normal entries, one in ten of them ten times as large, each kept with probability `kept`.
  explicit Figure1Experiment(double kept);

  /// Rows that a budget of `storage` times the size of both matrices pays for. A number takes 64
  /// bits; a row is stored dense or sparse, whichever is shorter; a sampled row is stored with its
  /// number.
  Index sampled_rows(double storage) const;
  Index projected_rows(double storage) const;

  /// ||W - AᵀB|| / (||A|| ||B||).
  double sampling_error(Method method, Index size, std::uint64_t seed) const;
  /// Of the plain Gaussian projection (Johnson and Lindenstrauss).
  double projection_error(Index size, std::uint64_t seed) const;

 private:
  double error_of(const Matrix<double>& product) const;

  Matrix<double> a_, b_, truth_;
};

}  // namespace prodigest::sampling
