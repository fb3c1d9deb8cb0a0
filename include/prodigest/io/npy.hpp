#pragma once
/// numpy's .npy files, whole. To read large ones a block at a time, use open_rows.

#include <filesystem>
#include <span>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest::io {

/// Writes what numpy.save would write of the same matrix (format 1.0, C order), through write_file.
/// Memory: a second copy of the matrix.
/// @throws Error{kIo}
void save_npy(const std::filesystem::path& path, const MatrixView<const float>& matrix);
void save_npy(const std::filesystem::path& path, const MatrixView<const double>& matrix);

/// The same of a vector.
void save_npy_vector(const std::filesystem::path& path, std::span<const double> vector);

/// Reads a matrix, or a vector as n x 1; every type that open_rows takes becomes double. Gzipped
/// files too.
/// @throws Error{kIo, kFormat, kUnsupported, kInvalidArgument}
Matrix<double> load_npy(const std::filesystem::path& path);

/// Reads a vector, or a matrix of one column.
/// @throws as load_npy, and Error{kInvalidArgument} for a matrix of more columns
std::vector<double> load_npy_vector(const std::filesystem::path& path);

/// Numbers of any number of dimensions, the last of them running fastest.
struct FloatArray {
  std::vector<Index> shape;
  std::vector<float> values;
  friend bool operator==(const FloatArray&, const FloatArray&) = default;
};

/// Reads an array of any shape; every type that open_rows takes is rounded to float. Gzipped files
/// too.
/// @throws Error{kIo, kFormat}, Error{kUnsupported} for one that is stored by columns
FloatArray load_npy_floats(const std::filesystem::path& path);

/// Writes what numpy.save would write of the same array.  @throws Error{kIo}
void save_npy(const std::filesystem::path& path, const FloatArray& array);

}  // namespace prodigest::io
