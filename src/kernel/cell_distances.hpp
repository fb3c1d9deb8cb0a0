#pragma once
// How far cells of queries and cells of keys are from each other.

#include <vector>

#include "kernel/cells.hpp"

namespace prodigest::kernel {

/// Mean squared distances D² between the points of two cells, in the unit in which a kernel value
/// is 2^(-D² / 2).
class CellDistances {
 public:
  CellDistances() = default;
  /// @param relative distances are shifted, those of one cell of queries alike, so that 2^(-D² / 2)
  /// sums to 1 over all keys
  CellDistances(const Cells& queries, const Cells& keys, bool relative, const Context& context);

  /// out(i, b) is between cell of queries `groups[i]` and cell of keys b.
  void find(std::span<const Index> groups, MatrixView<float> out) const;
  /// log2 of the sum that a cell of queries was divided by, 0 if distances are not relative.
  float log2_sum(Index group) const { return shifts_[group]; }

 private:
  AlignedMatrix<float> queries_{}, keys_{};  // -2 centre; centre
  std::vector<float> query_squares_{}, key_squares_{}, shifts_{};
};

}  // namespace prodigest::kernel
