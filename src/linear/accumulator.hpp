#pragma once
// Running sums of S A, one class for each kind of operator.

#include <memory>
#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

/// A sketch in the making. Its state is `sums` alone, so that a copy of them takes back what was
/// added since.
class Accumulator {
 public:
  virtual ~Accumulator() = default;

  /// Adds rows whose columns and ids are in range. The sums have the same bits for any number of
  /// threads.  @shape row_ids: [rows]
  virtual void add(const RowsView& rows, std::span<const RowId> row_ids,
                   const Context& context) = 0;

  /// The same, and finds the squared norms of the rows while they are at hand.  @shape norms:
  /// [rows]
  virtual void add_and_measure(const RowsView& rows, std::span<const RowId> row_ids,
                               std::span<double> norms, const Context& context);

  /// S A, scale included.  @shape -> size x d
  virtual Matrix<double> values() && = 0;

  Matrix<double> sums;  ///< in whatever layout and scale suits the operator

 protected:
  explicit Accumulator(Matrix<double> zeros) : sums(std::move(zeros)) {}
};

std::unique_ptr<Accumulator> make_accumulator(const LinearSpec& spec, Index cols);

/// squared_norms() in parallel.  @shape norms: [rows]
void measure(const RowsView& rows, std::span<double> norms, const Context& context);

}  // namespace prodigest::linear
