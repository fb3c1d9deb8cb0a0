#include "prodigest/io/npy.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "base/fail.hpp"
#include "io/npy_header.hpp"
#include "io/npy_reader.hpp"
#include "prodigest/io/write_file.hpp"

namespace prodigest::io {

namespace {

static_assert(std::endian::native == std::endian::little, "elements are stored as they lie");

template <class T>
void save(const std::filesystem::path& path, const MatrixView<const T>& matrix,
          std::vector<Index> shape) {
  NpyHeader header;
  header.dtype = sizeof(T) == 4 ? "<f4" : "<f8";
  header.shape = std::move(shape);
  const std::string head = npy_header_bytes(header);
  const std::span<const std::byte> head_bytes = std::as_bytes(std::span(head));

  const auto row_bytes = static_cast<std::size_t>(matrix.cols) * sizeof(T);
  std::vector<std::byte> bytes(head.size() + static_cast<std::size_t>(matrix.rows) * row_bytes);
  auto end = std::copy(head_bytes.begin(), head_bytes.end(), bytes.begin());
  for (Index i = 0; i < matrix.rows; ++i) {
    const std::span<const std::byte> row = std::as_bytes(matrix.row(i));
    end = std::copy(row.begin(), row.end(), end);
  }
  write_file(path, bytes);
}

}  // namespace

void save_npy(const std::filesystem::path& path, const MatrixView<const float>& matrix) {
  save(path, matrix, {matrix.rows, matrix.cols});
}

void save_npy(const std::filesystem::path& path, const MatrixView<const double>& matrix) {
  save(path, matrix, {matrix.rows, matrix.cols});
}

void save_npy_vector(const std::filesystem::path& path, std::span<const double> vector) {
  save(path, MatrixView<const double>(vector.data(), std::ssize(vector), 1), {std::ssize(vector)});
}

Matrix<double> load_npy(const std::filesystem::path& path) {
  const std::unique_ptr<RowReader> reader = open_npy(path, {});
  Matrix<double> matrix;
  matrix.cols = reader->cols();
  const auto append = [&](const auto& rows) {
    matrix.storage.insert(matrix.storage.end(), rows.data, rows.data + rows.rows * rows.cols);
    matrix.rows += rows.rows;
  };
  for (RowBlock block; reader->next(block);) {
    if (const auto* narrow = std::get_if<MatrixView<const float>>(&block.rows)) {
      append(*narrow);
    } else {
      append(std::get<MatrixView<const double>>(block.rows));
    }
  }
  return matrix;
}

std::vector<double> load_npy_vector(const std::filesystem::path& path) {
  Matrix<double> matrix = load_npy(path);
  if (matrix.cols != 1) {
    fail(ErrorCode::kInvalidArgument,
         "{}: expected a vector or a matrix of one column, got {} columns", path.string(),
         matrix.cols);
  }
  return std::move(matrix.storage);
}

}  // namespace prodigest::io
