#pragma once
// Small codes whose files are kept beside the tests.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

struct GoldenCodes {
  std::string name;
  LatticeCodes expected;
};

std::vector<GoldenCodes> golden_codes();

std::filesystem::path golden_path(const std::string& name);
std::vector<std::byte> golden_bytes(const std::string& name);

}  // namespace prodigest::lattice
