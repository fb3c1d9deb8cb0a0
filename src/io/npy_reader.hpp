#pragma once
// The rows of a dense array in .npy form.

#include <filesystem>
#include <memory>

#include "io/byte_stream.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

/// Opens a .npy file, gzipped or not: 2-D, or 1-D taken as n x 1; float32 stays float, float64,
/// integers and bool become double. Memory: two blocks, unless the array is in Fortran order and
/// gzipped, which is read whole.
/// @throws Error{kIo, kFormat, kUnsupported, kInvalidArgument}
std::unique_ptr<RowReader> open_npy(const std::filesystem::path& path, const ReadOptions& options);

/// The same of an array from anywhere; takes columns, first_row and block_bytes of the options.
std::unique_ptr<RowReader> npy_rows(std::unique_ptr<ByteStream> stream, const ReadOptions& options);

}  // namespace prodigest::io
