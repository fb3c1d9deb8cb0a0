#pragma once
// Which instruction sets the kernels are compiled for: the newest two and a baseline that runs
// everywhere. Include before <hwy/foreach_target.h>.

#include <hwy/detect_targets.h>

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
