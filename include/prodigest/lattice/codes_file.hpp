#pragma once
/// Codes as digest files (.pdg). The layout is in docs/format.md.

#include <cstddef>
#include <filesystem>
#include <vector>

#include "prodigest/io/container.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// Kind of a container that holds codes.
inline constexpr char kLatticeCodesKind[] = "lattice_codes";

/// The bytes of the digest file. Equal codes give equal bytes.
std::vector<std::byte> to_bytes(const LatticeCodes& codes);

/// @throws Error{kFormat} if the container does not hold valid codes
LatticeCodes lattice_codes_from(const io::Container& container);

/// Never half written; "-" is standard output.  @throws Error{kIo}
void save(const LatticeCodes& codes, const std::filesystem::path& path);

/// "-" is standard input.  @throws Error{kIo, kFormat, kUnsupported}
LatticeCodes load_lattice_codes(const std::filesystem::path& path);

}  // namespace prodigest::lattice
