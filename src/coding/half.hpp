#pragma once
// IEEE half precision by integer arithmetic, so that files are the same on every machine.

#include <bit>
#include <cstdint>
#include <limits>

namespace prodigest::coding {

/// Nearest half, ties to even; from 65520 on infinite.
inline std::uint16_t to_half(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = bits >> 16 & 0x8000;
  std::uint32_t size = bits & 0x7FFFFFFF;
  if (size > 0x7F800000) return static_cast<std::uint16_t>(sign | 0x7E00);  // NaN
  if (size >= 0x47800000) return static_cast<std::uint16_t>(sign | 0x7C00);
  if (size < 0x38800000) {  // below 2^-14: the sum's last bits count 2^-24
    const float sum = std::bit_cast<float>(size) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3F000000));
  }
  size += 0xFFF + (size >> 13 & 1) - (std::uint32_t{112} << 23);
  return static_cast<std::uint16_t>(sign | size >> 13);
}

inline float from_half(std::uint16_t half) {
  const std::uint32_t size = half & 0x7FFF;
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
  float x = std::bit_cast<float>(size << 13) * 0x1p112f;
  if (size >= 0x7C00)
    x = size == 0x7C00 ? std::numeric_limits<float>::infinity()
                       : std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) | sign);
}

}  // namespace prodigest::coding
