#pragma once
/// Writing a whole file, or nothing.

#include <cstddef>
#include <filesystem>
#include <span>

namespace prodigest::io {

/// Writes a temporary file beside `path`, syncs and renames, so that `path` is never half written.
/// A symbolic link is followed, the mode of an existing file is kept. A device or pipe is written
/// directly; "-" is standard output.
/// @throws Error{kIo}; an existing file is then untouched and no temporary file is left
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace prodigest::io
