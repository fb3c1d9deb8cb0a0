#include "io/path_extension.hpp"

#include <algorithm>

namespace prodigest::io {

namespace {

std::string lower_case_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return extension;
}

}  // namespace

PathExtension extension_of(const std::filesystem::path& path) {
  const std::string last = lower_case_extension(path);
  if (last != ".gz") return {last, false};
  return {lower_case_extension(path.stem()), true};
}

}  // namespace prodigest::io
