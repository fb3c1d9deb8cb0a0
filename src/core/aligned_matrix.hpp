#pragma once
// Scratch of the kernels: rows begin at a line of the cache and end in zeros.

#include <tbb/cache_aligned_allocator.h>

#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

/// Kernels read and write whole vectors, so rows are as long as a multiple of the longest one.
inline constexpr Index kPadding = 16;
constexpr Index padded(Index count) { return (count + kPadding - 1) / kPadding * kPadding; }

template <Real T>
class AlignedMatrix {
 public:
  AlignedMatrix() = default;
  AlignedMatrix(Index rows, Index cols)
      : storage_(static_cast<std::size_t>(rows * padded(cols))), rows_(rows), cols_(cols) {}

  MatrixView<T> view() noexcept { return {storage_.data(), rows_, cols_, padded(cols_)}; }
  MatrixView<const T> view() const noexcept {
    return {storage_.data(), rows_, cols_, padded(cols_)};
  }
  T* data() noexcept { return storage_.data(); }
  std::span<T> all() noexcept { return storage_; }

 private:
  std::vector<T, tbb::cache_aligned_allocator<T>> storage_;
  Index rows_ = 0, cols_ = 0;
};

/// to(j, i) = from(i, j).
template <Real T>
void transpose(MatrixView<const T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows; ++i) {
    const T* const row = from.row_data(i);
    for (Index j = 0; j < from.cols; ++j) to(j, i) = row[j];
  }
}

/// Columns first, first + 1, ...
template <class T>
MatrixView<T> columns(MatrixView<T> matrix, Index first, Index count) {
  return {matrix.data + first, matrix.rows, count, matrix.row_stride};
}

}  // namespace prodigest
