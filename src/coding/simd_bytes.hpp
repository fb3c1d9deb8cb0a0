#pragma once
// As core/simd.hpp, but for kernels that work on bytes: with SSE4, which does ten times what scalar
// code does, and with the AVX-512 of Ice Lake and Zen 4, which has dot products of bytes and tables
// of 128. Include before all other headers of Highway.

#define HWY_WANT_AVX3_DL
// clang-format off
#include "core/simd.hpp"
// clang-format on

// Vectors whose length the compiler does not know cannot be kept in structs.
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
