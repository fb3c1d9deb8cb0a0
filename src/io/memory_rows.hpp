#pragma once
// A matrix in memory as a reader, and the row ids of a block, given or counted.

#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

/// One block; rows are numbered 0, 1, 2... if row_ids is empty.
class MemoryRows final : public RowReader {
 public:
  explicit MemoryRows(const RowsView& rows, std::span<const RowId> row_ids = {})
      : block_{rows, 0, row_ids} {}
  Index cols() const override { return cols_of(block_.rows); }
  const std::vector<std::string>& column_names() const override { return no_names_; }
  bool next(RowBlock& block) override {
    block = block_;
    return !std::exchange(done_, true);
  }
  void rewind() override { done_ = false; }

 private:
  RowBlock block_;
  bool done_ = false;
  std::vector<std::string> no_names_;
};

/// The row ids of a block; where rows are counted, the numbers are written to `numbered`.
inline std::span<const RowId> row_ids_of(const RowBlock& block, std::vector<RowId>& numbered) {
  if (!block.row_ids.empty()) return block.row_ids;
  numbered.resize(static_cast<std::size_t>(rows_of(block.rows)));
  std::iota(numbered.begin(), numbered.end(), block.first_row);
  return numbered;
}

}  // namespace prodigest::io
