#pragma once
/// Making a sample in one pass over the rows.

#include <memory>
#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::sampling {

/// Samples rows as they come, in blocks of any size and any order. The sample depends on the set of
/// rows alone: not on their order, on the blocks, on dense or CSR form, on the number of threads or
/// on the instruction set.
///
/// Memory O(size * d) and, for totals=full, O(d) a thread; for totals=gram O(d²), and the last bits
/// of the Gram matrix depend on the order of blocks. A row must arrive whole: a row that is
/// the sum of several updates needs a linear sketch.
///
/// @source Daliri, Freire, Li, Musco, "Matrix Product Sketching via Coordinated Sampling", ICLR
/// 2025, Algorithms 1 and 4; the corrections are in docs/theory/sampling.md
class RowSampler {
 public:
  /// @param cols d
  /// @throws Error{kInvalidArgument} if the spec is invalid, cols < 1, or mixture needs a mean
  RowSampler(const SampleSpec& spec, Index cols, Schema schema = {});
  RowSampler(RowSampler&&) noexcept;
  RowSampler& operator=(RowSampler&&) noexcept;
  ~RowSampler();

  /// Adds rows first_row, first_row + 1, ...  @shape block: b x d, any b >= 0
  /// @complexity one read of the values (weight=uniform with totals=none reads candidates only) and
  /// about size * (1 + ln(n / size)) copied rows in all
  /// @throws Error{kInvalidArgument} on NaN or Inf, a row whose squared norm leaves [2^-1022, 2^960],
  /// another number of columns or value type, CSR columns that do not ascend (of kept rows; of every
  /// row with totals=full or gram), a weight that needs the other overload; Error{kCancelled}.
  /// After a throw the sampler is as it was before the call.
  void update(const RowsView& block, RowId first_row, const Context& context = {});
  /// The same for rows with names of their own.  @shape row_ids: [b]
  void update(const RowsView& block, std::span<const RowId> row_ids, const Context& context = {});
  /// The same with weights: for weight=user, leverage and ridge_leverage.  @shape weights: [b]
  /// @throws also on a weight that is negative, NaN, infinite, or 0 for a row that is not zero
  void update(const RowsView& block, std::span<const RowId> row_ids, std::span<const double> weights,
              const Context& context = {});

  /// With SampleSpec::values the kept rows are coded here.
  /// @throws Error{kInvalidArgument} if a row id occurs twice among the kept rows, or if coded floats
  /// are so large that what they decode to may be none
  RowSample finish() &&;
  /// update() with a last block and finish() in one, which spares its kept rows a copy. Without
  /// row_ids its rows are 0, 1, 2...; weights as above.
  RowSample finish(const RowsView& last_block, std::span<const RowId> row_ids = {},
                   std::span<const double> weights = {}, const Context& context = {}) &&;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// RowSampler for Method::kPriority: always min(size, rows) rows.
class PrioritySampler : public RowSampler {
 public:
  PrioritySampler(const SampleSpec& spec, Index cols, Schema schema = {});
};

/// RowSampler for Method::kThreshold and kPlainThreshold: about `size` rows, each kept independently.
class ThresholdSampler : public RowSampler {
 public:
  ThresholdSampler(const SampleSpec& spec, Index cols, Schema schema = {});
};

}  // namespace prodigest::sampling
