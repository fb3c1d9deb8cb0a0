#include "io/npy_bytes.hpp"

#include <zip.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "io/reading.hpp"

namespace prodigest::io {

std::string npy_with_header(const std::string& header, int major, int minor) {
  std::string bytes = "\x93NUMPY";
  bytes += {static_cast<char>(major), static_cast<char>(minor)};
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  }
  return bytes + header;
}

std::string zip_bytes(const std::vector<std::pair<std::string, std::string>>& members,
                      bool compress) {
  const TemporaryFile file("a.zip", "");
  zip_t* zip = zip_open(file.path().c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, bytes] : members) {
    zip_source_t* source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
    const zip_int64_t index = zip_file_add(zip, name.c_str(), source, 0);
    zip_set_file_compression(zip, static_cast<zip_uint64_t>(index),
                             compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  if (zip_close(zip) != 0) throw std::runtime_error("zip_close");
  return file_bytes(file.path());
}

std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string golden_path(const std::string& name) {
  return std::string(PRODIGEST_SOURCE_DIR) + "/tests/io/data/" + name;
}

std::string golden_bytes(const std::string& name) { return file_bytes(golden_path(name)); }

std::vector<std::byte> as_byte_vector(const std::string& text) {
  std::vector<std::byte> bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

}  // namespace prodigest::io
