#pragma once
// Which instruction sets the kernels are compiled for: the newest two and a baseline that runs
// everywhere. Include before all other headers of Highway, whose inline functions depend on it.

#ifdef HIGHWAY_HWY_TARGETS_H_
#error "core/simd.hpp must be included before <hwy/targets.h>"
#endif

#include <hwy/detect_targets.h>

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
