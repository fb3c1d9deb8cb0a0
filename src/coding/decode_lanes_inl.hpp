// What decoders of superblocks are made of: eight vectors hold one coordinate each of as many
// blocks as a vector has bytes. Compiled once for each instruction set, so the guard is Highway's.
#if defined(PRODIGEST_CODING_DECODE_LANES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_CODING_DECODE_LANES_INL_HPP
#undef PRODIGEST_CODING_DECODE_LANES_INL_HPP
#else
#define PRODIGEST_CODING_DECODE_LANES_INL_HPP
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#include "coding/decode_superblocks.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
using Bytes = hn::CappedTag<std::uint8_t, kLanes>;
#else
using Bytes = hn::CappedTag<std::uint8_t, 16>;
#endif
using Words = hn::RepartitionToWide<Bytes>;
using SignedBytes = hn::RebindToSigned<Bytes>;
using SignedWords = hn::RebindToSigned<Words>;
using V = hn::Vec<Bytes>;
using M = hn::Mask<Bytes>;

HWY_INLINE V All(int value) { return hn::Set(Bytes(), static_cast<std::uint8_t>(value)); }
HWY_INLINE hn::Vec<SignedBytes> Signed(V v) { return hn::BitCast(SignedBytes(), v); }
// of signed bytes
HWY_INLINE M Less(V a, V b) { return hn::RebindMask(Bytes(), hn::Lt(Signed(a), Signed(b))); }

// One vector a coordinate. Named, not an array: g++ 12 spills arrays of vectors.
struct Eight {
  V v0, v1, v2, v3, v4, v5, v6, v7;
};
template <class F>
HWY_INLINE Eight Each(const Eight& x, F f) {
  return {f(x.v0), f(x.v1), f(x.v2), f(x.v3), f(x.v4), f(x.v5), f(x.v6), f(x.v7)};
}
template <class F>
HWY_INLINE Eight Each(const Eight& x, const Eight& y, F f) {
  return {f(x.v0, y.v0), f(x.v1, y.v1), f(x.v2, y.v2), f(x.v3, y.v3),
          f(x.v4, y.v4), f(x.v5, y.v5), f(x.v6, y.v6), f(x.v7, y.v7)};
}
template <class F>
HWY_INLINE V Fold(const Eight& x, F f) {
  return f(f(f(x.v0, x.v1), f(x.v2, x.v3)), f(f(x.v4, x.v5), f(x.v6, x.v7)));
}
HWY_INLINE V XorOf(const Eight& x) {
  return hn::Xor3(hn::Xor3(x.v0, x.v1, x.v2), hn::Xor3(x.v3, x.v4, x.v5), hn::Xor(x.v6, x.v7));
}
// Eight vectors 64 bytes apart.
HWY_INLINE Eight LoadEight(const std::uint8_t* from) {
  const Bytes d;
  return {hn::LoadU(d, from),       hn::LoadU(d, from + 64),  hn::LoadU(d, from + 128),
          hn::LoadU(d, from + 192), hn::LoadU(d, from + 256), hn::LoadU(d, from + 320),
          hn::LoadU(d, from + 384), hn::LoadU(d, from + 448)};
}
HWY_INLINE void StoreEight(const Eight& x, std::int8_t* out) {
  auto* to = reinterpret_cast<std::uint8_t*>(out);
  const Bytes d;
  hn::StoreU(x.v0, d, to);
  hn::StoreU(x.v1, d, to + 64);
  hn::StoreU(x.v2, d, to + 128);
  hn::StoreU(x.v3, d, to + 192);
  hn::StoreU(x.v4, d, to + 256);
  hn::StoreU(x.v5, d, to + 320);
  hn::StoreU(x.v6, d, to + 384);
  hn::StoreU(x.v7, d, to + 448);
}

// `bits` bits of each byte, from bit `from` on, moved to bit `to`.
template <int from, int bits, int to>
HWY_INLINE V Field(V bytes) {
  const auto words = hn::BitCast(Words(), bytes);
  V moved = bytes;
  if constexpr (from < to) moved = hn::BitCast(Bytes(), hn::ShiftLeft<to - from>(words));
  if constexpr (from > to) moved = hn::BitCast(Bytes(), hn::ShiftRight<from - to>(words));
  return hn::And(moved, All(((1 << bits) - 1) << to));
}

// Labels << to.
template <int bits, int to>
HWY_INLINE Eight Labels(const std::uint8_t* planes) {
  const Bytes d;
  const V a = hn::LoadU(d, planes), b = hn::LoadU(d, planes + kLanes);
  if constexpr (bits == 4) {
    const V c = hn::LoadU(d, planes + 2 * kLanes), e = hn::LoadU(d, planes + 3 * kLanes);
    return {Field<0, 4, to>(a), Field<0, 4, to>(b), Field<0, 4, to>(c), Field<0, 4, to>(e),
            Field<4, 4, to>(a), Field<4, 4, to>(b), Field<4, 4, to>(c), Field<4, 4, to>(e)};
  } else {
    const Eight low = {Field<0, 2, to>(a), Field<2, 2, to>(a), Field<4, 2, to>(a),
                       Field<6, 2, to>(a), Field<0, 2, to>(b), Field<2, 2, to>(b),
                       Field<4, 2, to>(b), Field<6, 2, to>(b)};
    if constexpr (bits == 2) return low;
    const V c = hn::LoadU(d, planes + 2 * kLanes);
    const Eight high = {Field<0, 1, to + 2>(c), Field<1, 1, to + 2>(c), Field<2, 1, to + 2>(c),
                        Field<3, 1, to + 2>(c), Field<4, 1, to + 2>(c), Field<5, 1, to + 2>(c),
                        Field<6, 1, to + 2>(c), Field<7, 1, to + 2>(c)};
    return Each(low, high, [](V x, V y) HWY_ATTR { return hn::Or(x, y); });
  }
}

// Which blocks of a superblock have a bit of their scale index set.
template <int bits>
class ScaleBits {
 public:
  HWY_INLINE ScaleBits(const std::uint8_t* from, bool paired) {
    if (!paired) {
      std::memcpy(masks_, from, 8 * bits);
    } else {
      for (int half = 0; half < 2 * bits; ++half)
        std::memcpy(masks_ + 4 * half, from + half / 2 * 4, 4);
    }
  }
  // `value` in the blocks, from `lane` on, that have the bit, else 0
  HWY_INLINE V Where(int bit, Index lane, int value) const {
    return hn::IfThenElseZero(hn::LoadMaskBits(Bytes(), masks_ + 8 * bit + lane / 8), All(value));
  }

 private:
  std::uint8_t masks_[8 * bits];
};

// Bytes from a superblock to those that are brought into the cache meanwhile, which takes about as
// long as decoding all between.
constexpr Index kAhead = 1024;

// Calls decode(label planes, scale bits, values) for each superblock.
template <class Decode>
HWY_INLINE void ForEachSuperblock(const Superblocks& from, std::int8_t* values, Index stride,
                                  Decode decode) {
  for (Index v = 0; v < from.vectors; ++v)
    for (Index s = 0; s < from.count; ++s) {
      const Index at = v * from.vector_stride + s * from.stride;
      for (Index line = 0; line < from.stride; line += 64)
        hwy::Prefetch(from.labels + at + kAhead + line);
      decode(from.labels + at, from.scale_bits + at, values + v * stride + s * kSuperblock);
    }
}

// Points of E8 in its basis, modulo 256, << up.
template <int up>
HWY_INLINE Eight Points(const Eight& label /* << up + 1 */) {
  const auto add = [](V a, V b) HWY_ATTR { return hn::Add(a, b); };
  const V first = hn::BitCast(Bytes(), hn::ShiftRight<1>(hn::BitCast(Words(), label.v0)));
  Eight y = Each(label, [&](V c) HWY_ATTR { return hn::Add(first, c); });
  y.v0 = first;
  y.v7 = Fold({first, label.v1, label.v2, label.v3, label.v4, label.v5, label.v6,
               hn::Add(label.v7, label.v7)},
              add);
  return y;
}

// Which of the two cosets of D8 has the shorter point, and which coordinate its parity moves.
struct Choice {
  M half;
  V moved;  // the key of that coordinate, 255 for none
};
// Key i is |z_i| 128 / q + i. So of equal coordinates the last is the largest and the first the
// least, as the format wants it, and no two keys are equal.
HWY_INLINE Choice Choose(const Eight& key, M odd_integer, M odd_half) {
  const V largest = Fold(key, [](V a, V b) HWY_ATTR { return hn::Max(a, b); });
  const V least = Fold(key, [](V a, V b) HWY_ATTR { return hn::Min(a, b); });
  // Exactly sum |z_i| 16 / q, plus 4 for the i.
  const V sum = Fold(key, [](V a, V b) HWY_ATTR { return hn::AverageRound(a, b); });
  // sum |z_i| + [odd integer] 2 (q - largest) > 4 q + [odd half] 2 least, times 16 / q
  const V gain = hn::IfThenElseZero(odd_integer, hn::Sub(All(32), Field<3, 5, 1>(largest)));
  const V loss = hn::IfThenElseZero(odd_half, Field<3, 5, 1>(least));
  const M half = Less(loss, hn::Add(hn::Sub(sum, All(64 + 4)), gain));
  const V none = All(255);
  return {half, hn::IfThenElse(half, hn::IfThenElse(odd_half, least, none),
                               hn::IfThenElse(odd_integer, largest, none))};
}

// Multipliers of the blocks, in the order of InterleaveLower and InterleaveUpper.
struct Multipliers {
  hn::Vec<SignedWords> lower, upper;
};
class MultiplierTable {
 public:
  explicit MultiplierTable(const BlockFormat& format) {
    for (int i = 0; i < 8; ++i) {
      low_[i] = static_cast<std::uint8_t>(format.multipliers[i] & 255);
      high_[i] = static_cast<std::uint8_t>(format.multipliers[i] >> 8);
    }
  }
  template <int bits>
  HWY_INLINE Multipliers Of(const ScaleBits<bits>& scales, Index lane) const {
    const Bytes d;
    V index = hn::Or(scales.Where(0, lane, 1), scales.Where(1, lane, 2));
    if constexpr (bits > 2) index = hn::Or(index, scales.Where(2, lane, 4));
    const V low = hn::TableLookupBytes(hn::LoadDup128(d, low_), index);
    const V high = hn::TableLookupBytes(hn::LoadDup128(d, high_), index);
    return {hn::BitCast(SignedWords(), hn::InterleaveLower(d, low, high)),
            hn::BitCast(SignedWords(), hn::InterleaveUpper(d, low, high))};
  }

 private:
  alignas(16) std::uint8_t low_[16] = {};
  alignas(16) std::uint8_t high_[16] = {};
};

// Saturated, in the order that InterleaveLower and InterleaveUpper had them from.
HWY_INLINE hn::Vec<SignedBytes> Narrow(hn::Vec<SignedWords> lower, hn::Vec<SignedWords> upper) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  return hn::Vec<SignedBytes>{_mm512_packs_epi16(lower.raw, upper.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET == HWY_AVX2
  return hn::Vec<SignedBytes>{_mm256_packs_epi16(lower.raw, upper.raw)};
#else
  const hn::Half<SignedBytes> half;
  return hn::Combine(SignedBytes(), hn::DemoteTo(half, upper), hn::DemoteTo(half, lower));
#endif
}

// min(max((t b + 64) >> 7, -127), 127) of t << up.
template <int up>
HWY_INLINE V Scaled(V t, const Multipliers& b) {
  const Bytes d;
  auto lower = hn::BitCast(SignedWords(), hn::InterleaveLower(d, hn::Zero(d), t));
  auto upper = hn::BitCast(SignedWords(), hn::InterleaveUpper(d, hn::Zero(d), t));
  if constexpr (up > 0) {
    lower = hn::ShiftRight<up>(lower);
    upper = hn::ShiftRight<up>(upper);
  }
  const auto product =
      Narrow(hn::MulFixedPoint15(lower, b.lower), hn::MulFixedPoint15(upper, b.upper));
  return hn::BitCast(d, hn::Max(product, hn::Set(SignedBytes(), -127)));
}

#endif
}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
