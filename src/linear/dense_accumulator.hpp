#pragma once
// Gaussian and random-sign sketches.

#include "linear/accumulator.hpp"

namespace prodigest::linear {

/// (S A)ᵀ = Aᵀ Sᵀ, a panel of rows at a time: their columns of S are drawn and multiplied by GEMM,
/// or for CSR added entry by entry. Divided by sqrt(size) at the end.
class DenseAccumulator final : public Accumulator {
 public:
  DenseAccumulator(const LinearSpec& spec, Index cols);
  void add(const RowsView& rows, std::span<const RowId> row_ids, const Context& context) override;
  Matrix<double> values() && override;

 private:
  void draw(std::span<const RowId> row_ids, const Context& context);
  void add_panel(MatrixView<const double> rows, const Context& context);
  void add_panel(MatrixView<const float> rows, const Context& context);
  template <Real T>
  void add_panel(CsrView<T> rows, const Context& context);

  LinearSpec spec_;
  Matrix<double> panel_;  // columns of S, not scaled: panel rows x size
};

}  // namespace prodigest::linear
