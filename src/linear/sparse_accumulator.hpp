#pragma once
// CountSketch and sparse embeddings.

#include "linear/accumulator.hpp"
#include "linear/placements.hpp"

namespace prodigest::linear {

/// Sums of ± rows, divided by sqrt(nonzeros) at the end, so that whole numbers are added exactly. A
/// sum starts at +0 and adds its rows in their order, so neither blocks nor threads show in its
/// bits, nor whether rows are dense or CSR.
class SparseAccumulator final : public Accumulator {
 public:
  SparseAccumulator(const LinearSpec& spec, Index cols);
  void add(const RowsView& rows, std::span<const RowId> row_ids, const Context& context) override;
  void add_and_measure(const RowsView& rows, std::span<const RowId> row_ids,
                       std::span<double> norms, const Context& context) override;
  Matrix<double> values() && override;

 private:
  LinearSpec spec_;
  Placements placements_;
};

}  // namespace prodigest::linear
