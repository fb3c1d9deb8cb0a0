#pragma once
/// A product and what is known of its error.

#include <limits>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

struct ProductOptions {
  double confidence = 0.95;          ///< of FrobeniusError::bound and apriori, in (0, 1)
  bool standard_deviations = false;  ///< also the standard deviation of every entry
};

/// Error of an estimated product in the Frobenius norm. Infinity means "no statement".
struct FrobeniusError {
  /// Square root of an unbiased estimate of E||W - AᵀB||². Of samples never to be quoted alone: it
  /// is zero when the rows that matter were not sampled.
  double estimated = 0;
  /// What rows seen by one side only may have added, at most: the other side's missing them bounds
  /// their weight there. 0 for linear sketches.
  double blind = 0;
  /// sqrt(estimated² / (1 - confidence) + blind²).
  double bound = std::numeric_limits<double>::infinity();
  /// The guarantee from the sizes and norms alone, before looking at the rows (Chebyshev).
  double apriori = std::numeric_limits<double>::infinity();
  /// Probability with which `bound` and `apriori` hold. For `apriori` it is a theorem; for `bound`
  /// it is what measurement confirms.
  double confidence = 0.95;
};

/// An estimate of AᵀB.
struct ProductEstimate {
  Matrix<double> value;               ///< d x m
  Matrix<double> standard_deviation;  ///< d x m on request, else 0 x 0
  Index matched_rows = 0;             ///< rows that both samples hold; 0 for linear sketches
  /// (sum of terms' norms)² / sum of squares over the matched rows, or the rows of linear sketches:
  /// how many equal rows the estimate is worth.
  double effective_rows = 0;
  FrobeniusError frobenius_error;
};

}  // namespace prodigest
