#pragma once
// Every check that makes bytes of unknown origin a digest file.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "prodigest/io/container.hpp"

namespace prodigest::io {

struct ContainerContents {
  std::string kind;
  std::string writer;
  std::string feature;          // that the file needs; empty if none
  Metadata metadata;            // without our own entries
  std::vector<Tensor> tensors;  // without padding; their bytes are borrowed from the file
};

// @param name stands for the file in error messages
// @throws Error{kFormat}, Error{kUnsupported} if it needs a newer prodigest
ContainerContents check_container(std::span<const std::byte> file, const std::string& name,
                                  Checksums checksums);

// Decimal digits without sign or leading zero that fit 64 bits.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

}  // namespace prodigest::io
