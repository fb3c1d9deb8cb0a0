#pragma once
/// Samples as digest files (.pdg). The layout is in docs/format.md.

#include <cstddef>
#include <filesystem>
#include <vector>

#include "prodigest/io/container.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::sampling {

/// Kind of a container that holds a sample.
inline constexpr char kRowSampleKind[] = "row_sample";

/// The bytes of the digest file. Equal samples give equal bytes.
std::vector<std::byte> to_bytes(const RowSample& sample);

/// @throws Error{kFormat} if the container does not hold a valid sample
RowSample row_sample_from(const io::Container& container);

/// Never half written; "-" is standard output.  @throws Error{kIo}
void save(const RowSample& sample, const std::filesystem::path& path);

/// "-" is standard input.  @throws Error{kIo, kFormat, kUnsupported}
RowSample load_row_sample(const std::filesystem::path& path);

}  // namespace prodigest::sampling
