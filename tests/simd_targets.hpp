#pragma once
// Runs a test once with each of the kernels' instruction sets that this machine has. For kernels of
// coding/ include "coding/simd_bytes.hpp" before.

// clang-format off
#include "core/simd.hpp"  // before Highway
// clang-format on

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdint>

namespace prodigest {

// What this machine has of the kernels' instruction sets, asked of the compiler and not of Highway,
// so that a test which silently runs the baseline only is found out.
static std::int64_t expected_instruction_sets() {
  std::int64_t targets = HWY_STATIC_TARGET;
#if HWY_ARCH_X86
#if HWY_TARGETS & HWY_SSE4
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul") &&
      __builtin_cpu_supports("aes"))
    targets |= HWY_SSE4;
#endif
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2")) {
    targets |= HWY_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
      targets |= HWY_AVX3;
#if HWY_TARGETS & HWY_AVX3_DL
    if (targets & HWY_AVX3 && __builtin_cpu_supports("avx512vnni") &&
        __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
        __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq") &&
        __builtin_cpu_supports("vaes") && __builtin_cpu_supports("vpclmulqdq"))
      targets |= HWY_AVX3_DL;
#endif
  }
#endif
  return targets;
}

// Calls body() with the kernels held to one instruction set after the other.
template <class Body>
void for_each_instruction_set(const Body& body) {
  struct GiveBack {
    ~GiveBack() { hwy::GetChosenTarget().Update(hwy::SupportedTargets()); }
  } give_back;
  std::int64_t ran = 0;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::GetChosenTarget().Update(target);
    body();
    ran |= target;
  }
  EXPECT_EQ(expected_instruction_sets() & ~ran, 0) << "an instruction set was not tested";
}

}  // namespace prodigest
