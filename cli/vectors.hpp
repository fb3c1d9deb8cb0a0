#pragma once
// Files that hold a vector a row, such as embeddings: the transpose of the matrix that is meant.

#include "input.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::cli {

template <Real T>
Matrix<T> transposed(const Matrix<T>& matrix) {
  Matrix<T> result(matrix.cols, matrix.rows);
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) result(j, i) = matrix(i, j);
  return result;
}
Matrix<double> transposed(const RowsView& rows);

/// Opens the matrix whose columns are the rows of the file; they have no names.
/// Memory: the matrix, twice
/// @throws as open_input, and Error{kInvalidArgument} on options that name rows or columns
Input open_vectors(const std::filesystem::path& path, const io::ReadOptions& options,
                   const Session& session);

/// Refuses reading options that are about the rows of a matrix, which vectors are not.
void check_vector_options(const io::ReadOptions& options);

}  // namespace prodigest::cli
