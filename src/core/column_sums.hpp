#pragma once
// Exact column sums at memory speed.
//
// Each entry is split into its multiple of a coarse unit, its multiple of a fine unit and a rest that
// is almost always zero. Sums of multiples of one unit are exact in double while they stay below
// 2^53 units, so the two running sums of a column need no care until they are flushed into an
// ExactSum; a rest, or an entry too large for the units, goes there at once. Exactness makes the
// units a matter of speed only: they never show in the result.

#include <cstdint>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/exact_sum.hpp"

namespace prodigest {

class ColumnSums {
 public:
  static constexpr Index kTileRows = 8;  // rows folded at a time

  explicit ColumnSums(Index cols);

  Index cols() const noexcept { return cols_; }
  /// Entries must be finite.
  template <Real T>
  void add(MatrixView<const T> block);
  template <Real T>
  void add(CsrView<T> block);
  void add(const RowsView& block) {
    std::visit([this](const auto& view) { add(view); }, block);
  }
  void add(const ColumnSums& other);
  /// Takes rows added before out again: exact sums can.
  void remove(const RowsView& block);

  std::vector<ExactSum> sums() const;  ///< [cols]

 private:
  void deposit(std::size_t column, double x);
  void flush(std::size_t column);
  void count_rows(Index rows);

  Index cols_;
  Index rows_pending_ = 0;
  // Per column: the largest magnitude its units are made for (0: it has none yet) and two running
  // sums, which begin at 1.5 * 2^52 of their units.
  std::vector<double> limit_, coarse_, fine_;
  std::vector<std::uint8_t> misfit_;  // per vector of columns, of the tile in hand
  std::vector<ExactSum> exact_;
};

/// Adds a long list fast; the result is that of adding one by one.
void add_exactly(ExactSum& sum, std::span<const double> terms);

}  // namespace prodigest
