#pragma once
/// Leverage scores: how much each row alone decides a regression on A.

#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::sampling {

/// The Gram matrix AᵀA, gathered block by block.  Memory O(d²), so d is limited to 2^14
class Gram {
 public:
  explicit Gram(Index cols);
  /// After a throw the sum is as it was.
  /// @complexity O(b d²) dense, O(sum of nnz(row)²) CSR
  void update(const RowsView& block, const Context& context = {});
  Index rows() const noexcept { return rows_; }
  MatrixView<const double> matrix() const noexcept { return sum_.view(); }

 private:
  Matrix<double> sum_;
  Index rows_ = 0;
};

/// Scores of rows under a Gram matrix: row (G + ridge I)⁺ rowᵀ. Without ridge they lie in [0, 1] and
/// sum to the rank; directions below 1e-12 of the largest eigenvalue count as absent.
/// The last bits depend on the order of blocks in the Gram matrix, not on threads.
class LeverageScores {
 public:
  /// @complexity O(d³)
  LeverageScores(MatrixView<const double> gram, double ridge);
  /// Sum of the scores of all rows that made the Gram matrix: its rank, or the effective dimension.
  double total() const noexcept { return total_; }
  /// @shape block: b x d -> [b]  @complexity O(nnz(block) r)
  std::vector<double> operator()(const RowsView& block, const Context& context = {}) const;

 private:
  Matrix<double> half_;  // d x r with half half^T = (G + ridge I)⁺
  double total_ = 0;
};

}  // namespace prodigest::sampling
