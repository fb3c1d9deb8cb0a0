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

}  // namespace prodigest::io
