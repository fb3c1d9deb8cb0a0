#include "prodigest/io/npy.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "base/fail.hpp"
#include "io/byte_stream.hpp"
#include "io/gzip_stream.hpp"
#include "io/npy_array.hpp"
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

FloatArray load_npy_floats(const std::filesystem::path& path) {
  NpyArray array(inflated_if_gzip(open_byte_stream(path)));
  FloatArray result{array.header().shape, {}};
  const auto dimensions = std::ranges::count_if(result.shape, [](Index n) { return n > 1; });
  if (array.header().fortran_order && dimensions > 1) {
    fail(ErrorCode::kUnsupported,
         "{}: expected an array in C order, got Fortran order (save np.ascontiguousarray(arr))",
         array.name());
  }
  const auto size = static_cast<std::size_t>(array.size());
  if (array.type() == NpyType::kF32) {
    array.read(size, result.values);
  } else {
    std::vector<double> wide;
    array.read(size, wide);
    result.values.resize(size);
    std::ranges::transform(wide, result.values.begin(),
                           [](double x) { return static_cast<float>(x); });
  }
  array.expect_end();
  return result;
}

void save_npy(const std::filesystem::path& path, const FloatArray& array) {
  save(path, MatrixView<const float>(array.values.data(), 1, std::ssize(array.values)),
       array.shape);
}

}  // namespace prodigest::io
