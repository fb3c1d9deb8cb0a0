#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

// A Matrix Market file: CSR rows of a coordinate file, dense rows of an array file. Symmetric
// matrices are completed, entries of the same place added up, zeros left out of CSR rows.
//
// The matrix is held in memory, except that a general coordinate file of more than
// `stream_above_bytes` whose entries are sorted by row (a first pass tells) is read in blocks.
// @throws as open_rows
std::unique_ptr<RowReader> open_matrix_market(
    const std::filesystem::path& path, const ReadOptions& options,
    std::uintmax_t stream_above_bytes = std::uintmax_t{256} << 20);

}  // namespace prodigest::io
