#include "io/matrix_tensors.hpp"

#include "base/fail.hpp"

namespace prodigest::io {
namespace {

template <Real T>
AnyMatrix read(const Container& file, Index rows, Index cols) {
  const Tensor* const columns = file.find("columns");
  if (columns == nullptr) {
    Matrix<T> dense;
    dense.rows = rows;
    dense.cols = cols;
    dense.storage = widen<T>(file, "values", {rows, cols});
    return dense;
  }
  CsrMatrix<T> csr;
  csr.cols = cols;
  const Index entries = columns->shape.empty() ? 0 : columns->shape[0];
  csr.columns = widen<std::int32_t>(file, "columns", {entries});
  csr.values = widen<T>(file, "values", {entries});
  for (const Index size : widen<Index>(file, "row_sizes", {rows}))
    csr.row_start.push_back(csr.row_start.back() + size);
  if (csr.row_start.back() != entries)  // before anything walks along them
    fail(ErrorCode::kFormat, "{}: row_sizes must add up to {} values, got {}", file.name(), entries,
         csr.row_start.back());
  return csr;
}

}  // namespace

MatrixTensors::MatrixTensors(const AnyMatrix& matrix)
    : single_(matrix.index() == 0 || matrix.index() == 2), sparse_(matrix.index() >= 2) {
  std::visit(
      [this](const auto& m) {
        const auto view = m.view();
        using T = typename decltype(view)::Value;
        rows_ = view.rows;
        cols_ = view.cols;
        if constexpr (requires { m.storage; }) {
          values_ = narrow<T>(m.storage);
        } else {
          std::vector<Index> sizes;
          for (Index i = 0; i < rows_; ++i) sizes.push_back(view.row_size(i));
          values_ = narrow<T>(m.values);
          columns_ = narrow_below<std::int32_t>(m.columns, cols_);
          row_sizes_ = narrow_below<Index>(sizes, cols_ + 1);
        }
      },
      matrix);
}

void MatrixTensors::describe(Metadata& metadata) const {
  metadata.emplace_back("value_type", single_ ? "f32" : "f64");
}

void MatrixTensors::append_to(std::vector<Tensor>& tensors) const {
  if (!sparse_) {
    tensors.push_back(values_.tensor("values", {rows_, cols_}));
    return;
  }
  tensors.push_back(row_sizes_.tensor("row_sizes", {row_sizes_.size}));
  tensors.push_back(columns_.tensor("columns", {columns_.size}));
  tensors.push_back(values_.tensor("values", {values_.size}));
}

bool read_single(const Container& file) {
  const std::string& type = file.text("value_type");
  if (type != "f32" && type != "f64")
    fail(ErrorCode::kFormat, "{}: value_type must be f32 or f64, got \"{}\"", file.name(), type);
  return type == "f32";
}

AnyMatrix read_matrix(const Container& file, Index rows, Index cols) {
  return read_single(file) ? read<float>(file, rows, cols) : read<double>(file, rows, cols);
}

}  // namespace prodigest::io
