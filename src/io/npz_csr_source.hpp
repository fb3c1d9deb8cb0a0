#pragma once
// Rows out of the arrays that scipy.sparse.save_npz writes, as they lie there.

#include <cstddef>
#include <memory>
#include <string_view>

#include "io/zip_archive.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

struct SparseShape {
  Index rows = 0;
  Index cols = 0;  // fits std::int32_t
};

/// Blocks of rows, in order; the entries of a row are in range but neither sorted nor unique.
template <Real T>
class CsrSource {
 public:
  virtual ~CsrSource() = default;
  /// Makes `rows` the next block, of no rows at the end.
  virtual void fill(CsrMatrix<T>& rows) = 0;
  virtual void rewind() = 0;
};

/// A matrix of format csr, read a block at a time.
template <Real T>
std::unique_ptr<CsrSource<T>> csr_source(const ZipArchive& archive, SparseShape shape,
                                         std::size_t block_bytes);

/// A matrix of format csc or coo, held in memory.
/// @param by_columns csc
template <Real T>
std::unique_ptr<CsrSource<T>> entry_source(const ZipArchive& archive, SparseShape shape,
                                           bool by_columns, std::size_t block_bytes);

/// The array "shape".
SparseShape read_sparse_shape(const ZipArchive& archive);

}  // namespace prodigest::io
