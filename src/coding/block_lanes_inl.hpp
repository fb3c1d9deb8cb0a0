// Eight coordinates of blocks, one block in each lane of 16 bits.
// Compiled once for each instruction set, so the guard is Highway's.
#if defined(PRODIGEST_CODING_BLOCK_LANES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_CODING_BLOCK_LANES_INL_HPP
#undef PRODIGEST_CODING_BLOCK_LANES_INL_HPP
#else
#define PRODIGEST_CODING_BLOCK_LANES_INL_HPP
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "coding/block_format.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<std::int16_t, kLanes / 2>;  // the blocks of a pair are in two vectors
using Vec = hn::Vec<D>;
using Mask = hn::Mask<D>;

// The coordinates of a block. Named, not an array: g++ 12 spills arrays of vectors.
struct Eight {
  Vec x0, x1, x2, x3, x4, x5, x6, x7;
};

// f of each coordinate, of one or more blocks.
template <class F, class... E>
HWY_INLINE Eight Each(const F& f, const E&... e) {
  return {f(e.x0...), f(e.x1...), f(e.x2...), f(e.x3...),
          f(e.x4...), f(e.x5...), f(e.x6...), f(e.x7...)};
}
template <class F>
HWY_INLINE Vec Fold(const F& f, const Eight& e) {
  return f(f(f(e.x0, e.x1), f(e.x2, e.x3)), f(f(e.x4, e.x5), f(e.x6, e.x7)));
}

HWY_INLINE Vec All(int value) { return hn::Set(D(), static_cast<std::int16_t>(value)); }
HWY_INLINE Vec SumOf(const Eight& e) {
  return Fold([](Vec a, Vec b) HWY_ATTR { return hn::Add(a, b); }, e);
}
HWY_INLINE Vec XorOf(const Eight& e) {
  return Fold([](Vec a, Vec b) HWY_ATTR { return hn::Xor(a, b); }, e);
}
HWY_INLINE Vec OrOf(const Eight& e) {
  return Fold([](Vec a, Vec b) HWY_ATTR { return hn::Or(a, b); }, e);
}
HWY_INLINE Vec LargestOf(const Eight& e) {
  return Fold([](Vec a, Vec b) HWY_ATTR { return hn::Max(a, b); }, e);
}
HWY_INLINE Vec LeastOf(const Eight& e) {
  return Fold([](Vec a, Vec b) HWY_ATTR { return hn::Min(a, b); }, e);
}

// Multiples of 8 with their index among the eight: no two are equal then.
HWY_INLINE Eight Tagged(const Eight& e) {
  const auto tag = [](Vec x, int i) HWY_ATTR { return hn::Or(x, All(i)); };
  return {e.x0,         tag(e.x1, 1), tag(e.x2, 2), tag(e.x3, 3),
          tag(e.x4, 4), tag(e.x5, 5), tag(e.x6, 6), tag(e.x7, 7)};
}
HWY_INLINE Vec Untagged(Vec x) { return hn::And(x, All(-8)); }

// table[index], of eight.
HWY_INLINE Vec Lookup(const std::int16_t* table, Vec index) {
#if HWY_TARGET == HWY_SCALAR
  return All(table[hn::GetLane(index)]);
#else
  const D d;
  const hn::Repartition<std::uint8_t, D> bytes;
  const Vec both = hn::Add(hn::Mul(index, All(0x0202)), All(0x0100));
  return hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(bytes, hn::LoadDup128(d, table)),
                                             hn::BitCast(bytes, both)));
#endif
}

template <class To>
HWY_INLINE void StoreBytes(Vec v, To* to) {
  const hn::Rebind<To, D> d;
  hn::StoreU(hn::DemoteTo(d, v), d, to);
}
// Rows of kLanes bytes.
HWY_INLINE void StoreRows(const Eight& e, std::int8_t* to) {
  StoreBytes(e.x0, to);
  StoreBytes(e.x1, to + kLanes);
  StoreBytes(e.x2, to + 2 * kLanes);
  StoreBytes(e.x3, to + 3 * kLanes);
  StoreBytes(e.x4, to + 4 * kLanes);
  StoreBytes(e.x5, to + 5 * kLanes);
  StoreBytes(e.x6, to + 6 * kLanes);
  StoreBytes(e.x7, to + 7 * kLanes);
}

}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // guard
