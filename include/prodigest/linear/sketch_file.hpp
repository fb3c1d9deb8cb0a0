#pragma once
/// Linear sketches as digest files (.pdg). The layout is in docs/format.md.

#include <cstddef>
#include <filesystem>
#include <vector>

#include "prodigest/io/container.hpp"
#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::linear {

/// Kind of a container that holds a linear sketch.
inline constexpr char kLinearSketchKind[] = "linear_sketch";

/// The bytes of the digest file. Equal sketches give equal bytes.
std::vector<std::byte> to_bytes(const LinearSketch& sketch);

/// @throws Error{kFormat} if the container does not hold a valid sketch
LinearSketch linear_sketch_from(const io::Container& container);

/// Never half written; "-" is standard output.  @throws Error{kIo}
void save(const LinearSketch& sketch, const std::filesystem::path& path);

/// "-" is standard input.  @throws Error{kIo, kFormat, kUnsupported}
LinearSketch load_linear_sketch(const std::filesystem::path& path);

}  // namespace prodigest::linear
