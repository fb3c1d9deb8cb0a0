#pragma once
/// Borrowed and owning matrices. Rows are contiguous; nothing here allocates behind the caller's
/// back or depends on compile flags.

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest {

/// Borrowed dense row-major matrix: element (i, j) is data[i * row_stride + j].
template <class T>
struct MatrixView {
  T* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  Index row_stride = 0;

  MatrixView() = default;
  MatrixView(T* data_, Index rows_, Index cols_) : MatrixView(data_, rows_, cols_, cols_) {}
  MatrixView(T* data_, Index rows_, Index cols_, Index row_stride_)
      : data(data_), rows(rows_), cols(cols_), row_stride(row_stride_) {}

  T* row_data(Index i) const noexcept { return data + i * row_stride; }
  std::span<T> row(Index i) const noexcept {
    return {row_data(i), static_cast<std::size_t>(cols)};
  }
  T& operator()(Index i, Index j) const noexcept { return data[i * row_stride + j]; }
  /// Rows [first, first + count).
  MatrixView slice(Index first, Index count) const noexcept {
    return {row_data(first), count, cols, row_stride};
  }
};

/// Borrowed CSR matrix: row i holds columns/values[row_start[i] .. row_start[i + 1]), columns
/// strictly ascending within a row. row_start has rows + 1 entries and need not begin at 0, so a
/// range of rows is a view too.
template <Real T>
struct CsrView {
  const Index* row_start = nullptr;
  const std::int32_t* columns = nullptr;
  const T* values = nullptr;
  Index rows = 0;
  Index cols = 0;

  Index row_size(Index i) const noexcept { return row_start[i + 1] - row_start[i]; }
  std::span<const std::int32_t> row_columns(Index i) const noexcept {
    return {columns + row_start[i], static_cast<std::size_t>(row_size(i))};
  }
  std::span<const T> row_values(Index i) const noexcept {
    return {values + row_start[i], static_cast<std::size_t>(row_size(i))};
  }
  /// Rows [first, first + count).
  CsrView slice(Index first, Index count) const noexcept {
    return {row_start + first, columns, values, count, cols};
  }
};

/// A block of rows, dense or CSR, float or double.
using RowsView = std::variant<MatrixView<const float>, MatrixView<const double>, CsrView<float>,
                              CsrView<double>>;

inline Index rows_of(const RowsView& view) {
  return std::visit([](const auto& v) { return v.rows; }, view);
}
inline Index cols_of(const RowsView& view) {
  return std::visit([](const auto& v) { return v.cols; }, view);
}

/// Owning dense matrix, rows x cols, row-major, row_stride == cols.
template <Real T>
struct Matrix {
  std::vector<T> storage;
  Index rows = 0;
  Index cols = 0;

  Matrix() = default;
  Matrix(Index rows_, Index cols_)
      : storage(static_cast<std::size_t>(rows_ * cols_)), rows(rows_), cols(cols_) {}

  MatrixView<const T> view() const noexcept { return {storage.data(), rows, cols}; }
  MatrixView<T> view() noexcept { return {storage.data(), rows, cols}; }
  const T& operator()(Index i, Index j) const noexcept {
    return storage[static_cast<std::size_t>(i * cols + j)];
  }
  T& operator()(Index i, Index j) noexcept {
    return storage[static_cast<std::size_t>(i * cols + j)];
  }
  friend bool operator==(const Matrix&, const Matrix&) = default;
};

/// Owning CSR matrix. row_start always has rows + 1 entries.
template <Real T>
struct CsrMatrix {
  std::vector<Index> row_start{0};
  std::vector<std::int32_t> columns;
  std::vector<T> values;
  Index cols = 0;

  Index rows() const noexcept { return static_cast<Index>(row_start.size()) - 1; }
  CsrView<T> view() const noexcept {
    return {row_start.data(), columns.data(), values.data(), rows(), cols};
  }
  friend bool operator==(const CsrMatrix&, const CsrMatrix&) = default;
};

}  // namespace prodigest
