#pragma once

#include <filesystem>
#include <memory>

#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

// A .npz file: one array of those that numpy.savez wrote (dense rows, as open_npy), or the sparse
// matrix that scipy.sparse.save_npz wrote (CSR rows).
// @throws as open_rows
std::unique_ptr<RowReader> open_npz(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace prodigest::io
