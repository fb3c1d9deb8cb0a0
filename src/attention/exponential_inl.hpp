// The exponential of vectors, for the kernels of attention. Compiled once for each instruction set,
// so the guard is Highway's.
#if defined(PRODIGEST_ATTENTION_EXPONENTIAL_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_ATTENTION_EXPONENTIAL_INL_HPP
#undef PRODIGEST_ATTENTION_EXPONENTIAL_INL_HPP
#else
#define PRODIGEST_ATTENTION_EXPONENTIAL_INL_HPP
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace prodigest::attention::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
struct ExponentialParts;
template <>
struct ExponentialParts<float> {
  static constexpr int kDegree = 7, kMantissa = 23;
  static constexpr float kRound = 0x1.8p23f, kLeast = -87;
  static constexpr float kLog2High = 0x1.62e4p-1f, kLog2Low = 0x1.7f7d1cp-20f;
};
template <>
struct ExponentialParts<double> {
  static constexpr int kDegree = 13, kMantissa = 52;
  static constexpr double kRound = 0x1.8p52, kLeast = -708;
  static constexpr double kLog2High = 0x1.62e42fefa38p-1, kLog2Low = 0x1.ef35793c7673p-45;
};

// exp(x) for x up to 88 (708 of double), within 2e-7 (4e-16) of it, relatively; 0 below -87 (-708),
// where it is too small for a normal number and to matter beside a weight of 1. With x = k log 2 +
// f it is 2^k times the Taylor series at f, |f| <= log(2) / 2.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> Exponential(D d, hn::Vec<D> x) {
  using Parts = ExponentialParts<T>;
  constexpr auto kInverseFactorials = [] {
    std::array<T, Parts::kDegree + 1> out{1};
    double factorial = 1;
    for (int k = 1; k <= Parts::kDegree; ++k) {
      factorial *= k;
      out[static_cast<std::size_t>(k)] = static_cast<T>(1 / factorial);
    }
    return out;
  }();
  const auto round = hn::Set(d, Parts::kRound);
  // k stands in the lowest bits of this sum.
  const auto shifted = hn::MulAdd(x, hn::Set(d, static_cast<T>(0x1.71547652b82fep0)), round);
  const auto k = hn::Sub(shifted, round);
  auto f = hn::NegMulAdd(k, hn::Set(d, Parts::kLog2High), x);
  f = hn::NegMulAdd(k, hn::Set(d, Parts::kLog2Low), f);
  auto series = hn::Set(d, kInverseFactorials.back());
  for (std::size_t i = kInverseFactorials.size() - 1; i-- > 0;)
    series = hn::MulAdd(series, f, hn::Set(d, kInverseFactorials[i]));
  const hn::RebindToSigned<D> integers;
  const auto bits = hn::Add(hn::BitCast(integers, series),
                            hn::ShiftLeft<Parts::kMantissa>(hn::BitCast(integers, shifted)));
  return hn::IfThenElseZero(hn::Ge(x, hn::Set(d, Parts::kLeast)), hn::BitCast(d, bits));
}

}  // namespace prodigest::attention::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
