#pragma once
// A block of CSR rows being built, its buffers reused from block to block.

#include <cstddef>
#include <cstdint>

#include "prodigest/base/matrix.hpp"

namespace prodigest::io {

class CsrBlock {
 public:
  CsrBlock(Index cols, std::size_t block_bytes) : block_bytes_(block_bytes) { rows_.cols = cols; }

  void clear() {
    rows_.row_start.assign(1, 0);
    rows_.columns.clear();
    rows_.values.clear();
  }
  // Columns ascend within a row.
  void add(std::int32_t column, double value) {
    rows_.columns.push_back(column);
    rows_.values.push_back(value);
  }
  void end_row() { rows_.row_start.push_back(static_cast<Index>(rows_.values.size())); }

  Index rows() const noexcept { return rows_.rows(); }
  // Whether a block of at least one row has reached the size aimed at.
  bool full() const noexcept {
    const std::size_t bytes = rows_.values.size() * (sizeof(double) + sizeof(std::int32_t)) +
                              rows_.row_start.size() * sizeof(Index);
    return rows() > 0 && bytes >= block_bytes_;
  }
  CsrView<double> view() const noexcept { return rows_.view(); }

 private:
  CsrMatrix<double> rows_;
  std::size_t block_bytes_;
};

}  // namespace prodigest::io
