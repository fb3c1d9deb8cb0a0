#pragma once
// What kernels are compared with, compiled for each instruction set.

#include "prodigest/base/types.hpp"

namespace prodigest::bench {

/// So many multiply-adds of floats, in registers; their sum.
float multiply_adds(Index count);
/// x[i] = 2^x[i], as kernels have it.
void exponentials2(float* x, Index count);

}  // namespace prodigest::bench
