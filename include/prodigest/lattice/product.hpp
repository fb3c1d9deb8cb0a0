#pragma once
/// AᵀB from codes.

#include <memory>
#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// AᵀB from two sets of codes: n mean_a mean_bᵀ + the product of the decoded rotated columns.
///
/// With unbiased gain the error of entry (i, j) has mean 0 and variance
///   ||a||² ||b||² / n [ ((1 - r²)(v_a + v_b) + v_a v_b) / k + (1/k - 1)(1 + r²) ],
/// a and b the centred columns, r the cosine between them (estimated), v their noises, k = size / n.
/// standard_deviation is its root, with other gains the root of the mean square error. `estimated`
/// is the root of the sum over entries, `bound` by Chebyshev from it, `apriori` from the limit that
/// norms, rate and the format's distance to gamma(R) give for any two matrices.
/// The diagonal of AᵀA, when both are one and the same object, is exact to 1e-4: see gram().
///
/// @shape a: of n x d, b: of n x m -> d x m
/// @complexity O(size d m) in int8 arithmetic (float for the formats group and lloyd)
/// @throws Error{kIncompatible} on different seeds, rotations, sizes, numbers of rows or row sets
ProductEstimate estimate_product(const LatticeCodes& a, const LatticeCodes& b,
                                 const ProductOptions& options = {}, const Context& context = {});

/// B at hand: its columns are centred, rotated and rounded to int8 (which adds 2 % to the square
/// error), or with `a` unrotated used as they are.  @shape b: n x m, rows in the order of A's ids
ProductEstimate estimate_product(const LatticeCodes& a, const RowsView& b,
                                 const ProductOptions& options = {}, const Context& context = {});

/// AᵀA, its diagonal from the norms of the columns rather than from the product of the codes, whose
/// diagonal is too large by the noise.  @shape -> d x d
ProductEstimate gram(const LatticeCodes& a, const ProductOptions& options = {},
                     const Context& context = {});

/// y -> Aᵀ y as the codes know A; nothing is allocated after the construction. For search among
/// coded vectors and attention over coded keys.
class CodesOperator {
 public:
  /// @param codes must outlive this object, and decode to int8
  explicit CodesOperator(const LatticeCodes& codes);
  CodesOperator(CodesOperator&&) noexcept;
  CodesOperator& operator=(CodesOperator&&) noexcept;
  ~CodesOperator();

  Index rows() const noexcept;  ///< n
  Index cols() const noexcept;  ///< d

  /// @shape y: [n], out: [d]  @complexity O(size d); reads the codes once
  /// @throws Error{kInvalidArgument} on another length, NaN or Inf
  void apply(std::span<const float> y, std::span<float> out, const Context& context = {});
  /// The same, and the standard deviation of each number.  @shape standard_deviation: [d]
  void apply(std::span<const float> y, std::span<float> out, std::span<float> standard_deviation,
             const Context& context = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prodigest::lattice
