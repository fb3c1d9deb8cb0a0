#pragma once
// The extension of a path, which says its format.

#include <filesystem>
#include <string>

namespace prodigest::io {

struct PathExtension {
  std::string format;  ///< ".csv" of "A.CSV.gz": lower case, .gz taken off
  bool gzip = false;
};

PathExtension extension_of(const std::filesystem::path& path);

}  // namespace prodigest::io
