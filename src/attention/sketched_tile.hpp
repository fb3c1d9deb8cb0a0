#pragma once
// A few rows of q or k with their sketches.

#include "attention/polysketch_plan.hpp"
#include "core/aligned_matrix.hpp"
#include "prodigest/attention/polynomial_sketch.hpp"

namespace prodigest::attention {

template <Real T>
class SketchedTile {
 public:
  SketchedTile(const Plan& plan, Index most)
      : rows_(most, plan.head_dim), sketches_(most, plan.size), columns_(plan.size, most) {}

  void load(const HeadRows<T>& from, const PolynomialSketch<T>& sketch, Index first, Index count) {
    count_ = count;
    from.load(first, rows());
    sketch.apply(rows(), sketches());
  }
  MatrixView<T> rows() { return rows_.view().slice(0, count_); }
  MatrixView<T> sketches() { return sketches_.view().slice(0, count_); }
  /// The sketches as columns, as SquareSums takes them.
  MatrixView<T> columns() {
    const MatrixView<T> to = prodigest::columns(columns_.view(), 0, count_);
    transpose<T>(sketches(), to);
    return to;
  }
  /// What scores are products of.
  MatrixView<T> factors(bool exact) { return exact ? rows() : sketches(); }

 private:
  AlignedMatrix<T> rows_, sketches_, columns_;
  Index count_ = 0;
};

}  // namespace prodigest::attention
