#pragma once
// Digests by the names that messages have for them.

#include "prodigest/digest/digest.hpp"

namespace prodigest::cli {

/// "a sample", "a linear sketch" or "lattice codes".
inline const char* kind_of(const digest::Digest& digest) {
  constexpr const char* kKinds[] = {"a sample", "a linear sketch", "lattice codes"};
  static_assert(std::variant_size_v<digest::Digest> == std::size(kKinds));
  return kKinds[digest.index()];
}

}  // namespace prodigest::cli
