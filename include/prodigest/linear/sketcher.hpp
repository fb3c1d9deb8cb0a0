#pragma once
/// Making a linear sketch in one pass over the rows.

#include <memory>
#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/linear/linear_sketch.hpp"
#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// Sketches rows as they come, in blocks of any size and any order, dense or CSR. The sketch has
/// the same bits for any number of threads. Another order of rows may change the last bits of its
/// sums; other blocks, or CSR instead of dense rows, may not for kSparse and may for the others.
///
/// Memory O(size * d), during an update twice that; for kHadamard and the dense operators also one
/// panel of rows.
///
/// @source Clarkson, Woodruff, "Low-rank approximation and regression in input sparsity time", 2013
/// (CountSketch); Nelson, Nguyen, "OSNAP", 2013, with the block construction of Kane, Nelson, 2014;
/// Tropp, "Improved analysis of the subsampled randomized Hadamard transform", 2011
class LinearSketcher {
 public:
  /// @param cols d
  /// @throws Error{kInvalidArgument} if the spec is invalid, cols < 1, or srht has no length
  LinearSketcher(const LinearSpec& spec, Index cols, Schema schema = {});
  LinearSketcher(LinearSketcher&&) noexcept;
  LinearSketcher& operator=(LinearSketcher&&) noexcept;
  ~LinearSketcher();

  /// Adds rows first_row, first_row + 1, ...  @shape block: b x d, any b >= 0
  /// @complexity kSparse O(nonzeros * nnz(block)); kHadamard O(b d log size) for consecutive rows;
  /// kGaussian and kSign O(size * nnz(block)), by GEMM if dense
  /// @throws Error{kInvalidArgument} on NaN or Inf, a row whose squared norm leaves [2^-1022,
  /// 2^960], another number of columns, CSR columns that do not ascend, a row id beyond length for
  /// kHadamard; Error{kCancelled}. After a throw the sketcher is as it was before the call.
  void update(const RowsView& block, RowId first_row, const Context& context = {});
  /// The same for rows with names of their own.  @shape row_ids: [b]
  void update(const RowsView& block, std::span<const RowId> row_ids, const Context& context = {});

  LinearSketch finish() &&;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prodigest::linear
