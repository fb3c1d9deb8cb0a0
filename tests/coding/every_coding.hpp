#pragma once
// All formats with all their bits.

#include <vector>

#include "prodigest/coding/format.hpp"

namespace prodigest::coding {

inline std::vector<Coding> every_coding() {
  std::vector<Coding> all;
  for (const Format format :
       {Format::kF4, Format::kF4pair, Format::kF4fast, Format::kF3, Format::kF2, Format::kI8})
    all.push_back({format, 0});
  for (int bits = 2; bits <= 8; ++bits) all.push_back({Format::kInt, bits});
  for (int bits = 2; bits <= 8; ++bits) all.push_back({Format::kGroup, bits});
  for (int bits = 2; bits <= 6; ++bits) all.push_back({Format::kLloyd, bits});
  return all;
}

}  // namespace prodigest::coding
