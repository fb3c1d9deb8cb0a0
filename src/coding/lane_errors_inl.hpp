// Sums of squares of 16-bit numbers, in lanes of 32 bits.
// Compiled once for each instruction set, so the guard is Highway's.
#if defined(PRODIGEST_CODING_LANE_ERRORS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_CODING_LANE_ERRORS_INL_HPP
#undef PRODIGEST_CODING_LANE_ERRORS_INL_HPP
#else
#define PRODIGEST_CODING_LANE_ERRORS_INL_HPP
#endif

#include <cstdint>

#include "coding/block_lanes_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {

using D32 = hn::Repartition<std::int32_t, D>;
using Vec32 = hn::Vec<D32>;

// Sums of squares, of the lower and the upper half of each 128 bits of lanes.
struct Errors {
  Vec32 lower, upper;
};

HWY_INLINE Errors AllErrors(std::int32_t value) {
  return {hn::Set(D32(), value), hn::Set(D32(), value)};
}
HWY_INLINE Errors Add(const Errors& a, const Errors& b) {
  return {hn::Add(a.lower, b.lower), hn::Add(a.upper, b.upper)};
}
HWY_INLINE Errors Min(const Errors& a, const Errors& b) {
  return {hn::Min(a.lower, b.lower), hn::Min(a.upper, b.upper)};
}

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE Errors SumsOfSquares(const Eight& e) {
  const auto square = [](Vec v) HWY_ATTR {
    const Vec32 wide = hn::PromoteTo(D32(), v);
    return hn::Mul(wide, wide);
  };
  Vec32 sum = square(e.x0);
  for (const Vec v : {e.x1, e.x2, e.x3, e.x4, e.x5, e.x6, e.x7}) sum = hn::Add(sum, square(v));
  return {sum, sum};
}
HWY_INLINE Errors Widened(Vec v) {
  const Vec32 wide = hn::PromoteTo(D32(), v);
  return {wide, wide};
}
HWY_INLINE Vec Narrowed(const Errors& e) { return hn::DemoteTo(D(), e.lower); }
#else
HWY_INLINE void AddSquares(Vec a, Vec b, Errors& even, Errors& odd) {
  const Vec lower = hn::InterleaveLower(D(), a, b), upper = hn::InterleaveUpper(D(), a, b);
  even.lower = hn::ReorderWidenMulAccumulate(D32(), lower, lower, even.lower, odd.lower);
  even.upper = hn::ReorderWidenMulAccumulate(D32(), upper, upper, even.upper, odd.upper);
}
HWY_INLINE Errors SumsOfSquares(const Eight& e) {
  Errors even = AllErrors(0), odd = AllErrors(0);
  AddSquares(e.x0, e.x1, even, odd);
  AddSquares(e.x2, e.x3, even, odd);
  AddSquares(e.x4, e.x5, even, odd);
  AddSquares(e.x6, e.x7, even, odd);
  return {hn::RearrangeToOddPlusEven(even.lower, odd.lower),
          hn::RearrangeToOddPlusEven(even.upper, odd.upper)};
}
HWY_INLINE Errors Widened(Vec v) {
  const D d;
  return {hn::ShiftRight<16>(hn::BitCast(D32(), hn::InterleaveLower(d, v, v))),
          hn::ShiftRight<16>(hn::BitCast(D32(), hn::InterleaveUpper(d, v, v)))};
}
HWY_INLINE Vec Narrowed(const Errors& e) { return hn::ReorderDemote2To(D(), e.lower, e.upper); }
#endif

HWY_INLINE Mask Less(const Errors& a, const Errors& b) {
  const D32 d;
  return hn::MaskFromVec(Narrowed({hn::VecFromMask(d, hn::Lt(a.lower, b.lower)),
                                   hn::VecFromMask(d, hn::Lt(a.upper, b.upper))}));
}

// An error above all others where there is no code; two of them can be added.
HWY_INLINE Errors OnlyWhere(Mask valid, const Errors& e) {
  const D32 d;
  const Vec32 none = hn::Set(d, (1 << 30) - 1);
  const Errors wide = Widened(hn::VecFromMask(D(), valid));
  return {hn::IfThenElse(hn::MaskFromVec(wide.lower), e.lower, none),
          hn::IfThenElse(hn::MaskFromVec(wide.upper), e.upper, none)};
}

}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // guard
