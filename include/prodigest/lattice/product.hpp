#pragma once
/// AᵀB from codes.

#include <memory>
#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// AᵀB from two sets of codes: n mean_a mean_bᵀ + the product of the decoded rotated columns, times
/// n / size unless both gains are mmse.
///
/// With unbiased gain the error of entry (i, j) has mean 0 and variance
///   V = ||a||² ||b||² / n [ ((1 - r²)(v_a + v_b) + v_a v_b) / k + (1/k - 1)(1 + r²) ],
/// a and b the centred columns, r the cosine between them (estimated), v their noises, k = size /
/// n. Columns that are nearly equal are rounded alike, so the product of their errors, at most
/// ||a|| ||b|| sqrt(v_a v_b), does not average out; it counts as far as r says. Other gains shrink
/// the product by t and have the mean square error (1 - t)² ||a||² ||b||² r² + t² V.
/// standard_deviation is the root of all that; `estimated` the root of its sum over entries;
/// `bound` follows by Chebyshev, `apriori` too, from the r for which the sum is largest: whatever
/// AᵀB is.
///
/// Without a rotation nothing is random: `bound` and `apriori` are then a sure bound by Cauchy and
/// Schwarz, with ||a|| ||b|| ((1 + sqrt(v_a))(1 + sqrt(v_b)) - 1) for an entry of unbiased gain,
/// and standard deviations are those of errors that point anywhere, which those of sparse columns
/// do not.
///
/// One object as both a and b: see gram().
///
/// @shape a: of n x d, b: of n x m -> d x m
/// @complexity O(size d m) in int8 arithmetic (double for the formats group and lloyd)
/// @throws Error{kIncompatible} on different seeds, rotations, sizes, numbers of rows or row sets
ProductEstimate estimate_product(const LatticeCodes& a, const LatticeCodes& b,
                                 const ProductOptions& options = {}, const Context& context = {});

/// B at hand: its columns are centred if A's are, rotated and rounded to int8 (which adds 2 % to
/// the square error), or with `a` unrotated used as they are.
/// @shape b: n x m, rows in the order of A's ids
/// @throws Error{kInvalidArgument} as LatticeEncoder::append
ProductEstimate estimate_product(const LatticeCodes& a, const RowsView& b,
                                 const ProductOptions& options = {}, const Context& context = {});

/// AᵀA, its diagonal from the norms of the columns, good to 1e-4 (if all coordinates are coded),
/// rather than from the product of the codes, whose diagonal is too large by the noise.
/// @shape -> d x d
ProductEstimate gram(const LatticeCodes& a, const ProductOptions& options = {},
                     const Context& context = {});

/// Whether they are codes of one and the same matrix, made once: then gram() knows more.
bool same_codes(const LatticeCodes& a, const LatticeCodes& b);

/// y -> Aᵀ y as the codes know A, y rounded to int8; with one thread nothing is allocated after the
/// construction. For search among coded vectors and attention over coded keys.
class CodesOperator {
 public:
  /// @param codes must outlive this object, and decode to int8
  /// @throws Error{kInvalidArgument} for the formats group and lloyd
  explicit CodesOperator(const LatticeCodes& codes);
  CodesOperator(CodesOperator&&) noexcept;
  CodesOperator& operator=(CodesOperator&&) noexcept;
  ~CodesOperator();

  Index rows() const noexcept;  ///< n
  Index cols() const noexcept;  ///< d

  /// @shape y: [n], out: [d]  @complexity O(size d); reads the codes once
  /// @throws Error{kInvalidArgument} on another length, NaN, Inf, an entry beyond 1e18 in size
  void apply(std::span<const float> y, std::span<float> out, const Context& context = {});
  /// The same, and the standard deviation of each number.  @shape standard_deviation: [d]
  void apply(std::span<const float> y, std::span<float> out, std::span<float> standard_deviation,
             const Context& context = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prodigest::lattice
