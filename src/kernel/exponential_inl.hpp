// 2^x of vectors of floats, for kernel values. Compiled once for each instruction set, so the guard
// is Highway's.
#if defined(PRODIGEST_KERNEL_EXPONENTIAL_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_KERNEL_EXPONENTIAL_INL_HPP
#undef PRODIGEST_KERNEL_EXPONENTIAL_INL_HPP
#else
#define PRODIGEST_KERNEL_EXPONENTIAL_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// For x up to 127, within 2e-7 of it, relatively; 1 at 0; 0 below -126, where no normal number is
// small enough, and for NaN. With x = k + f it is 2^k times a polynomial at f, |f| <= 1/2, of least
// relative error (9e-8) among those that are 1 at 0.
template <class D>
HWY_INLINE hn::Vec<D> Exponential2(D d, hn::Vec<D> x) {
  const auto round = hn::Set(d, 0x1.8p23F);
  const auto shifted = hn::Add(x, round);  // k stands in the lowest bits
  const auto f = hn::Sub(x, hn::Sub(shifted, round));
  auto p = hn::MulAdd(hn::Set(d, 0x1.5bba0ep-10F), f, hn::Set(d, 0x1.3cea88p-7F));
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.c6b752p-5F));
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.ebf9bcp-3F));
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.62e42ap-1F));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0F));
  const hn::RebindToSigned<D> integers;
  const auto bits =
      hn::Add(hn::BitCast(integers, p), hn::ShiftLeft<23>(hn::BitCast(integers, shifted)));
  return hn::IfThenElseZero(hn::Ge(x, hn::Set(d, -126.0F)), hn::BitCast(d, bits));
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
