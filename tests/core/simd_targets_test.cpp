// The other tests trust for_each_instruction_set; this one asks a kernel what it was compiled for.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/simd_targets_test.cpp"
#include "simd_targets.hpp"  // first: it says which instruction sets to compile for

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace prodigest::HWY_NAMESPACE {
std::int64_t CompiledFor() { return HWY_TARGET; }
}  // namespace prodigest::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest {
HWY_EXPORT(CompiledFor);
namespace {

TEST(ForEachInstructionSet, RunsEveryOneInTurnAndThenTheBestAgain) {
  const std::int64_t before = HWY_DYNAMIC_DISPATCH(CompiledFor)();
  std::int64_t ran = 0;
  for_each_instruction_set([&] {
    const std::int64_t target = HWY_DYNAMIC_DISPATCH(CompiledFor)();
    EXPECT_EQ(ran & target, 0) << hwy::TargetName(target) << " ran twice";
    ran |= target;
  });
  EXPECT_EQ(expected_instruction_sets() & ~ran, 0);
  EXPECT_EQ(HWY_DYNAMIC_DISPATCH(CompiledFor)(), before);
  EXPECT_EQ(ran & (before - 1), 0) << "a better one than the default was run";
}

}  // namespace
}  // namespace prodigest
#endif  // HWY_ONCE
