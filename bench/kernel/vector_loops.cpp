#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/vector_loops.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernel/exponential_inl.hpp"
#include "kernel/vector_loops.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {

const hn::ScalableTag<float> d;

// Twelve at once, as each of them waits for the one before. Named: g++ 12 spills arrays of vectors.
float MultiplyAdds(Index count) {
  const auto a = hn::Set(d, 0.5F), b = hn::Set(d, 1.0F);
  const auto start = [](float v) HWY_ATTR { return hn::Set(d, v); };  // others, or they are one
  auto s0 = start(0), s1 = start(1), s2 = start(2), s3 = start(3), s4 = start(4), s5 = start(5),
       s6 = start(6), s7 = start(7), s8 = start(8), s9 = start(9), s10 = start(10), s11 = start(11);
  for (Index i = 0; i < count; i += 12 * static_cast<Index>(hn::Lanes(d))) {
    s0 = hn::MulAdd(s0, a, b);
    s1 = hn::MulAdd(s1, a, b);
    s2 = hn::MulAdd(s2, a, b);
    s3 = hn::MulAdd(s3, a, b);
    s4 = hn::MulAdd(s4, a, b);
    s5 = hn::MulAdd(s5, a, b);
    s6 = hn::MulAdd(s6, a, b);
    s7 = hn::MulAdd(s7, a, b);
    s8 = hn::MulAdd(s8, a, b);
    s9 = hn::MulAdd(s9, a, b);
    s10 = hn::MulAdd(s10, a, b);
    s11 = hn::MulAdd(s11, a, b);
  }
  const auto sum =
      hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(sum, hn::Add(hn::Add(s8, s9), hn::Add(s10, s11)))));
}

void Exponentials2(float* x, Index count) {
  for (Index i = 0; i < count; i += static_cast<Index>(hn::Lanes(d)))
    hn::StoreU(Exponential2(d, hn::LoadU(d, x + i)), d, x + i);
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(MultiplyAdds);
HWY_EXPORT(Exponentials2);
}  // namespace prodigest::kernel

namespace prodigest::bench {

float multiply_adds(Index count) { return HWY_DYNAMIC_DISPATCH(kernel::MultiplyAdds)(count); }
void exponentials2(float* x, Index count) { HWY_DYNAMIC_DISPATCH(kernel::Exponentials2)(x, count); }

}  // namespace prodigest::bench
#endif  // HWY_ONCE
