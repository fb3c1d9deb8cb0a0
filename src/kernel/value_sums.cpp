#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/value_sums.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernel/kernel_tile.hpp"
#include "kernel/value_sums.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kLanes>;

// No product is fused with a sum: every instruction set adds up the same numbers.
void AddValues(const float* HWY_RESTRICT values, Index count, Index lanes,
               const float* HWY_RESTRICT bounds, const ValueSums& to) {
  const D d;
  for (Index lane = 0; lane < lanes; lane += static_cast<Index>(hn::Lanes(d))) {
    const auto bound = hn::LoadU(d, bounds + lane);
    auto sum = hn::LoadU(d, to.sums + lane), square_sum = hn::LoadU(d, to.squares + lane);
    auto largest = hn::LoadU(d, to.largest + lane), above = hn::LoadU(d, to.above + lane);
    for (Index j = 0; j < count; ++j) {
      const auto value = hn::LoadU(d, values + j * lanes + lane);
      const auto square = hn::Mul(value, value);
      sum = hn::Add(sum, value);
      square_sum = hn::Add(square_sum, square);
      largest = hn::Max(largest, value);
      above = hn::Add(above, hn::IfThenElseZero(hn::Gt(value, bound), square));
    }
    hn::StoreU(sum, d, to.sums + lane);
    hn::StoreU(square_sum, d, to.squares + lane);
    hn::StoreU(largest, d, to.largest + lane);
    hn::StoreU(above, d, to.above + lane);
  }
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(AddValues);

void add_values(const float* values, Index count, Index lanes, const float* bounds,
                const ValueSums& to) {
  HWY_DYNAMIC_DISPATCH(AddValues)(values, count, lanes, bounds, to);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
