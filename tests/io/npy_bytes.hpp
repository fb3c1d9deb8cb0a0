#pragma once
// For the tests: .npy and .npz files made by hand.

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "io/npy_header.hpp"
#include "prodigest/base/types.hpp"

namespace prodigest::io {

// A .npy file of these elements, in the order they are stored.
template <class Element>
std::string npy_bytes(const std::string& dtype, const std::vector<Index>& shape,
                      const std::vector<Element>& elements, bool fortran_order = false) {
  std::string bytes = npy_header_bytes({dtype, fortran_order, shape, 0});
  return bytes.append(reinterpret_cast<const char*>(elements.data()),
                      elements.size() * sizeof(Element));
}

// A .npy file with this text in its header, of this format version.
std::string npy_with_header(const std::string& header, int major = 1, int minor = 0);

// An archive of these members (names with ".npy").
std::string zip_bytes(const std::vector<std::pair<std::string, std::string>>& members,
                      bool compress = true);

std::string file_bytes(const std::filesystem::path& path);

std::string golden_path(const std::string& name);  // of tests/io/data
std::string golden_bytes(const std::string& name);

std::vector<std::byte> as_byte_vector(const std::string& text);

}  // namespace prodigest::io
