#pragma once
// Small sketches whose files are kept beside the tests.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "prodigest/linear/linear_sketch.hpp"

namespace prodigest::linear {

struct GoldenSketch {
  std::string name;
  LinearSketch expected;
};

std::vector<GoldenSketch> golden_sketches();
std::filesystem::path golden_path(const std::string& name);
std::vector<std::byte> golden_bytes(const std::string& name);

}  // namespace prodigest::linear
