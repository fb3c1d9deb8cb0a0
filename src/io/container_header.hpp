#pragma once
// The JSON header of a digest file, as text pairs and tensor entries.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "prodigest/io/container.hpp"

namespace prodigest::io {

struct TensorEntry {
  std::string name;
  DType dtype = DType::kU8;
  std::vector<Index> shape;
  std::uint64_t begin = 0;  // relative to the payload, not yet compared with its size
  std::uint64_t end = 0;
};

struct ContainerHeader {
  Metadata metadata;                 // keys are unique
  std::vector<TensorEntry> tensors;  // names are unique
};

// Strict: exactly the objects, keys and types of the format, no key twice.
// Time and memory are linear in the text.
// @param file stands for the file in error messages
// @throws Error{kFormat}
ContainerHeader parse_container_header(std::string_view json, const std::string& file);

}  // namespace prodigest::io
