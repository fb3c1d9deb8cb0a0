#pragma once
/// The digest: a linear sketch of the rows of a matrix.

#include <optional>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/exact_sum.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// All that a sketch consists of.
struct SketchParts {
  LinearSpec spec;
  Schema schema;
  Matrix<double> values;  ///< S A, size x d, scale included
  Index rows = 0;         ///< rows, or parts of rows, that were added
  ExactSum squared_norm;  ///< ||A||²_F; kept for RowUpdates::kWhole only
};

/// Immutable sketch S A of an n x d matrix A. Sketches made with one spec can be multiplied, added
/// and subtracted, wherever and in whatever order their rows were seen.
class LinearSketch {
 public:
  /// @throws Error{kInvalidArgument} if the parts contradict each other
  explicit LinearSketch(SketchParts parts);

  const LinearSpec& spec() const noexcept { return parts_.spec; }
  const Schema& schema() const noexcept { return parts_.schema; }
  Index rows() const noexcept { return parts_.rows; }
  Index cols() const noexcept { return parts_.values.cols; }                         ///< d
  Index size() const noexcept { return parts_.spec.size; }                           ///< k
  MatrixView<const double> values() const noexcept { return parts_.values.view(); }  ///< k x d
  /// ||A||²_F, rounded once; nothing with rows=parts. ||S A||²_F is an unbiased estimate of it.
  std::optional<double> squared_norm() const;

  const SketchParts& parts() const& noexcept { return parts_; }
  SketchParts parts() && noexcept { return std::move(parts_); }

 private:
  SketchParts parts_;
};

}  // namespace prodigest::linear
