#pragma once
// The columns of a matrix that lies in memory by rows.

#include <deque>
#include <span>
#include <variant>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest::lattice {

/// Refuses CSR columns that do not ascend or are out of range; rows are named 0, 1, 2...
void check_numbered_columns(const char* where, const RowsView& block);

/// Blocks of rows, dense or CSR. CSR blocks are transposed once, O(entries).
class ColumnsOfRows {
 public:
  explicit ColumnsOfRows(Index cols) : cols_(cols) {}

  Index rows() const noexcept { return rows_; }
  Index cols() const noexcept { return cols_; }

  /// Dense rows must outlive this object.
  /// @param block of cols() columns; those of a CSR row ascend
  void add(const RowsView& block);
  /// Keeps a copy of dense rows.
  void add_copy(const RowsView& block);

  /// Row i goes to place[i] of every column. Without a call rows stay in the order they came in.
  void set_places(std::vector<Index> place) { place_ = std::move(place); }

  /// Row j of the panel is column first + j.  @shape panel: [count, rows()]
  void copy(Index first, MatrixView<double> panel) const;

 private:
  template <class T>
  void add_block(const T& view, bool copied);

  using Block = std::variant<MatrixView<const float>, MatrixView<const double>, CsrMatrix<float>,
                             CsrMatrix<double>>;  // CSR blocks transposed
  struct Placed {
    Index first_row;
    Block block;
  };
  Index cols_, rows_ = 0;
  bool sparse_ = false;
  std::vector<Placed> blocks_;
  std::deque<std::variant<Matrix<float>, Matrix<double>>> copies_;
  std::vector<Index> place_;
};

}  // namespace prodigest::lattice
