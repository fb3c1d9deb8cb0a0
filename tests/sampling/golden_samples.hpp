#pragma once
// The samples in tests/sampling/data, as they were when the files were written. The files never
// change; DISABLED_WriteGoldenFiles adds new ones.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::sampling {

struct GoldenSample {
  std::string name;
  RowSample expected;
};

/// Dense doubles under a priority sample; sparse floats with names and a composite key under a
/// threshold; user weights with all rows kept; rows with coded values.
std::vector<GoldenSample> golden_samples();

std::filesystem::path golden_path(const std::string& name);
std::vector<std::byte> golden_bytes(const std::string& name);

}  // namespace prodigest::sampling
