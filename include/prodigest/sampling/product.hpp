#pragma once
/// AᵀB from two samples.

#include <memory>
#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::sampling {

/// Unbiased estimate of AᵀB: the sum over common rows of A_i B_iᵀ / p_i, where
/// p_i = min(1, u_i tau_A, v_i tau_B) is the probability that both samples hold row i (Algorithm 2).
///
/// The two sides may differ in size, method and weight. Without a common row the estimate is 0 and
/// the error estimate says what that is worth.
///
/// @shape a: of n x d, b: of n x m -> d x m
/// @complexity O(sum over common rows of nnz(a_i) nnz(b_i)), by GEMM where both sides are dense
/// @guarantee squared-norm weights: E||W - AᵀB||² <= (1/(k_A - 1) + 1/(k_B - 1)) ||A||² ||B||² for
/// priority (Theorems 2 and 4), 1/k for thresholds (Theorem 6); a complete side adds nothing. Other
/// weights: unbiased, no worst case; mixture=c of squared norms costs a factor 1/(1 - c).
/// Coded values: unbiased too, rows coded alike on both sides (A = B) included; with row noises up to
/// v_A and v_B a worst case f ||A||² ||B||² becomes (f + c (1 + f)) ||A||² ||B||²,
/// c = (1 + v_A) (1 + v_B) - 1. Then `apriori` takes the noises of the rows at hand for those of all.
/// @throws Error{kIncompatible} on different seeds, or keys that cannot meet
ProductEstimate estimate_product(const RowSample& a, const RowSample& b,
                                 const ProductOptions& options = {}, const Context& context = {});

/// The side of a product that is at hand in full, a block of rows at a time: keeps only the rows
/// that the other side's sample holds.  Memory O(rows of the sample * m)
///
///   ExactSide b(sample_of_a, m);
///   b.update(block, first_row);  ...
///   ProductEstimate w = std::move(b).estimate_product();
///
/// @guarantee E||W - AᵀB||² <= 1/(k - 1) ||A||² ||B||², half of what two samples give
class ExactSide {
 public:
  /// @param sample of A; it must outlive this object
  ExactSide(const RowSample& sample, Index cols, const Schema& schema = {});
  ExactSide(ExactSide&&) noexcept;
  ExactSide& operator=(ExactSide&&) noexcept;
  ~ExactSide();

  /// @throws Error{kInvalidArgument} as RowSampler::update
  void update(const RowsView& block, RowId first_row);
  void update(const RowsView& block, std::span<const RowId> row_ids);
  double squared_norm() const;  ///< ||B||²_F of the rows so far
  ProductEstimate estimate_product(const ProductOptions& options = {}, const Context& context = {}) &&;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// estimate_product with B in memory.  @shape b: n x m, row_ids: [n]
ProductEstimate estimate_product(const RowSample& a, const RowsView& b, std::span<const RowId> row_ids,
                                 const ProductOptions& options = {}, const Context& context = {});

}  // namespace prodigest::sampling
