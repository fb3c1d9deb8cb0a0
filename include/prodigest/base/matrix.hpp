#pragma once
/// Borrowed and owning matrices. Rows are contiguous; nothing here allocates behind the caller's
/// back or depends on compile flags.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <variant>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest {

/// Borrowed dense row-major matrix: element (i, j) is data[i * row_stride + j].
template <class T>
struct MatrixView {
  using Value = std::remove_const_t<T>;
  T* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  Index row_stride = 0;

  MatrixView() = default;
  MatrixView(T* data_, Index rows_, Index cols_) : MatrixView(data_, rows_, cols_, cols_) {}
  MatrixView(T* data_, Index rows_, Index cols_, Index row_stride_)
      : data(data_), rows(rows_), cols(cols_), row_stride(row_stride_) {}

  /// A view that may write is a view that only reads.
  template <class U>
    requires std::same_as<const U, T>
  MatrixView(MatrixView<U> other)
      : MatrixView(other.data, other.rows, other.cols, other.row_stride) {}

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
  using Value = T;
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

/// Rows [first, first + count).
inline RowsView slice(const RowsView& view, Index first, Index count) {
  return std::visit([=](const auto& v) -> RowsView { return v.slice(first, count); }, view);
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
  operator MatrixView<const T>() const noexcept { return view(); }
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
  operator CsrView<T>() const noexcept { return view(); }
  friend bool operator==(const CsrMatrix&, const CsrMatrix&) = default;
};

/// An owning matrix, dense or CSR, float or double.
using AnyMatrix = std::variant<Matrix<float>, Matrix<double>, CsrMatrix<float>, CsrMatrix<double>>;

inline RowsView view_of(const AnyMatrix& matrix) {
  return std::visit([](const auto& m) -> RowsView { return m.view(); }, matrix);
}

}  // namespace prodigest
