#pragma once
/// The digest: a coordinated sample of the rows of a matrix.

#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/exact_sum.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/sampling/coded_rows.hpp"
#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::sampling {

/// Sums over all rows that were seen, sampled or not. They are exact, hence the same for any order
/// or sharding; only the Gram matrix is rounded. What SampleSpec::totals leaves out is zero or empty.
struct SampleTotals {
  Index rows = 0;          ///< n, zero rows included
  Index nonzero_rows = 0;  ///< kNorm, kFull and kGram
  ExactSum squared_norm;   ///< ||A||²_F; kNorm, kFull and kGram
  ExactSum weight;         ///< sum of the weights; threshold methods only
  std::vector<ExactSum> column_sums;  ///< [d]; kFull only
  /// kGram only: AᵀA, the upper triangle row by row, [d (d + 1) / 2]. Rounded sums: the last bits
  /// depend on the blocks and on the order of merges, not on threads.
  std::vector<double> gram;
};

/// The rows of a sample: in whichever of dense and CSR takes fewer bytes, so that a matrix has the
/// same sample whatever form it came in. Zeros are not stored in CSR, and -0.0 is stored as 0.0.
using SampledRows = AnyMatrix;

/// All that a sample consists of.
struct SampleParts {
  SampleSpec spec;
  Schema schema;
  Index cols = 0;
  std::vector<RowId> row_ids;   ///< [k], strictly ascending
  std::vector<double> weights;  ///< [k], positive
  /// k x d. With SampleSpec::values they are what `coded` decodes to; RowSample decodes it, and
  /// what stood here is dropped.
  SampledRows rows;
  std::optional<CodedRows> coded{};  ///< with SampleSpec::values, else nothing
  /// A row is kept exactly if (rank, row id) < (tau, tau_row). tau is infinite where all rows of
  /// positive weight are kept; tau_row matters only for ties and is 0 for thresholds.
  double tau = INFINITY;
  RowId tau_row = 0;
  SampleTotals totals;
};

/// Immutable coordinated sample of the rows of an n x d matrix A. Two samples made with one seed can
/// be multiplied, wherever and in whatever order their rows were seen.
class RowSample {
 public:
  /// @throws Error{kInvalidArgument} if the parts contradict each other
  explicit RowSample(SampleParts parts);

  const SampleSpec& spec() const noexcept { return parts_.spec; }
  const Schema& schema() const noexcept { return parts_.schema; }
  Index rows() const noexcept { return parts_.totals.rows; }  ///< n, rows seen
  Index cols() const noexcept { return parts_.cols; }         ///< d
  Index size() const noexcept { return static_cast<Index>(parts_.row_ids.size()); }  ///< rows kept

  std::span<const RowId> row_ids() const noexcept { return parts_.row_ids; }    ///< [size], ascending
  std::span<const double> weights() const noexcept { return parts_.weights; }  ///< [size], positive
  RowsView values() const noexcept;  ///< size x d, as decoded if they are coded
  /// [size] of the rows as they were before any coding.  @complexity one read of the values unless
  /// they are coded
  std::vector<double> squared_norms() const;
  const SampleTotals& totals() const noexcept { return parts_.totals; }

  double tau() const noexcept { return parts_.tau; }
  /// Every row of positive weight is here, with probability one.
  bool complete() const noexcept { return std::isinf(parts_.tau); }
  /// Probability with which row i of the sample is kept, given the other rows: in (0, 1].
  double inclusion(Index i) const noexcept {
    return std::min(1.0, parts_.weights[static_cast<std::size_t>(i)] * parts_.tau);
  }
  /// ||A||²_F of all rows, rounded once; nothing if the totals were not asked for.
  std::optional<double> squared_norm() const;
  /// Whether rows are float (else double). Without rows it is double.
  bool single_precision() const noexcept;

  const SampleParts& parts() const& noexcept { return parts_; }
  SampleParts parts() && noexcept { return std::move(parts_); }

 private:
  SampleParts parts_;
};

}  // namespace prodigest::sampling
