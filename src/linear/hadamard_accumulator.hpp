#pragma once
// Subsampled randomized Hadamard transforms.

#include <vector>

#include "linear/accumulator.hpp"

namespace prodigest::linear {

/// S(r, i) = sign_i (-1)^popcount(selected_r & i) / sqrt(size), where sign_i is +1 or -1 as the
/// highest bit of the first word of block 0 of Domain::kRotationSign is 0 or 1.
///
/// With P = 2^p, the entry is that of H_P at (selected_r mod P, i mod P) times the sign
/// (-1)^popcount(selected_r / P & i / P), one for all rows of an aligned panel of P rows. So a
/// panel is transformed once, rows that are not there being zero, and every sketch row takes one
/// row of it.
class HadamardAccumulator final : public Accumulator {
 public:
  HadamardAccumulator(const LinearSpec& spec, Index cols);
  void add(const RowsView& rows, std::span<const RowId> row_ids, const Context& context) override;
  Matrix<double> values() && override;

 private:
  // A row on its way into the panel of this number.
  struct PanelRow {
    RowId panel;
    Index offset;  // within the panel
    Index row;     // within the block
    double sign;
  };

  std::vector<PanelRow> by_panel(std::span<const RowId> row_ids, int log_panel) const;
  template <class View>
  void add_panel(const View& rows, std::span<const PanelRow> panel, int log_panel, Index first_col,
                 MatrixView<double> transformed);
  template <class View>
  void add_directly(const View& rows, std::span<const PanelRow> panel, int log_panel,
                    Index first_col, Index cols);

  LinearSpec spec_;
  std::vector<RowId> selected_;  // ascending
};

}  // namespace prodigest::linear
