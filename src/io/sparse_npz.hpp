#pragma once
// The sparse matrices that scipy.sparse.save_npz writes.

#include <memory>

#include "io/zip_archive.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

/// Whether the archive is one of save_npz.
bool is_sparse_npz(const ZipArchive& archive);

/// The rows of a csr, csc or coo matrix; takes columns, first_row and block_bytes of the options.
/// Memory: two blocks for csr, the whole matrix for the others.
/// @throws Error{kFormat, kUnsupported, kInvalidArgument}
std::unique_ptr<RowReader> sparse_npz_rows(const ZipArchive& archive, const ReadOptions& options);

}  // namespace prodigest::io
