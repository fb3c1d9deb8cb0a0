// The points of codes near to blocks, one block in each lane of 16 bits.
// Compiled once for each instruction set, so the guard is Highway's.
#if defined(PRODIGEST_CODING_CODE_POINTS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_CODING_CODE_POINTS_INL_HPP
#undef PRODIGEST_CODING_CODE_POINTS_INL_HPP
#else
#define PRODIGEST_CODING_CODE_POINTS_INL_HPP
#endif

#include <bit>
#include <cstdint>

#include "coding/block_lanes_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {

// What is left of multiples of 8 when the nearest point of kPeriod E8 is taken away; where two are as
// near, as e8_representative() has it.
template <int kPeriod>
HWY_INLINE Eight Remainder(const Eight& x) {
  const Vec half_period = All(kPeriod / 2);
  const auto remainder = [&](Vec v, Vec centre) HWY_ATTR {
    return hn::Sub(hn::Xor(hn::And(v, All(kPeriod - 1)), centre), half_period);
  };
  const Eight sizes = Each([&](Vec v) HWY_ATTR { return hn::Abs(remainder(v, half_period)); }, x);
  const Eight keys = Tagged(sizes);
  const Vec largest = LargestOf(keys), least = LeastOf(keys);
  const Vec parity = XorOf(x);
  const Mask half_odd = hn::TestBit(parity, All(kPeriod));
  const Mask integer_odd = hn::TestBit(hn::Xor(parity, hn::Add(parity, parity)), All(kPeriod));
  const auto twice = [](Vec key) HWY_ATTR { return hn::ShiftLeft<1>(Untagged(key)); };
  const Vec half_costs_more =
      hn::Add(hn::Sub(All(2 * kPeriod), SumOf(sizes)),
              hn::Sub(hn::IfThenElseZero(half_odd, twice(least)),
                      hn::IfThenElseZero(integer_odd, hn::Sub(All(kPeriod), twice(largest)))));
  const Mask half = hn::Lt(half_costs_more, All(0));
  const Vec moved = hn::IfThenElse(half, hn::IfThenElse(half_odd, least, All(-1)),
                                   hn::IfThenElse(integer_odd, largest, All(-1)));
  const Vec centre = hn::IfThenZeroElse(half, half_period);
  // All bits from kPeriod / 2 on are the sign of a remainder, so changing all but the lowest of them
  // takes away or adds a period.
  return Each(
      [&](Vec v, Vec key) HWY_ATTR {
        return hn::Xor(remainder(v, centre),
                       hn::IfThenElseZero(hn::Eq(key, moved), All(-kPeriod)));
      },
      x, keys);
}

// A code is asked for points t << kOneBits near to y * multiplier, in kVariants ways; with multiplier
// `reach` a block lies on the edge of the code.

// Voronoi code of E8. A block is drawn in to the edge, past it, and to where it surely has a code.
template <int q>
struct Voronoi {
  static constexpr int kLabelBits = std::bit_width(unsigned{q}) - 1;
  static constexpr int kOneBits = 8;
  static constexpr int kScales = 4, kVariants = 3;
  static constexpr bool kMayFail = true;
  static constexpr float kGaugeTimesReach = 0x1p15f * (q << kOneBits);
  static constexpr std::int16_t Fixed(double factor) {
    return static_cast<std::int16_t>(32767 * factor);
  }
  alignas(16) static constexpr std::int16_t kDrawIn[8] = {Fixed(1), Fixed(1 - 0.55 / q),
                                                          Fixed(1 - 1.1 / q)};

  // Half of e8_gauge(), within a thousandth.
  static HWY_INLINE Vec Gauge(const Eight& x) {
    const Eight sizes = Each([](Vec v) HWY_ATTR { return hn::Abs(v); }, x);
    const Eight keys = Tagged(Each([](Vec v) HWY_ATTR { return Untagged(v); }, sizes));
    const Vec largest = LargestOf(keys);
    const Vec second = LargestOf(
        Each([&](Vec key) HWY_ATTR { return hn::IfThenZeroElse(hn::Eq(key, largest), key); }, keys));
    const Vec sum = SumOf(Each([](Vec v) HWY_ATTR { return hn::ShiftRight<2>(v); }, sizes));
    const Mask negative = hn::Lt(XorOf(x), All(0));
    const Vec least = hn::ShiftRight<1>(LeastOf(sizes));
    return hn::Max(hn::ShiftRight<1>(hn::Add(largest, second)),
                   hn::Sub(sum, hn::IfThenElseZero(negative, least)));
  }

  static HWY_INLINE Eight Points(const Eight& y, Vec reach, Vec multiplier, Vec variant) {
    multiplier = hn::Min(multiplier, hn::MulFixedPoint15(reach, Lookup(kDrawIn, variant)));
    const Eight x =
        Each([&](Vec v) HWY_ATTR { return Untagged(hn::MulFixedPoint15(v, multiplier)); }, y);
    return Each([](Vec v, Vec rest) HWY_ATTR { return hn::Sub(v, rest); }, x,
                Remainder<2 << kOneBits>(x));
  }

  // Whether the labels of points stand for these points.
  static HWY_INLINE Mask Decodes(const Eight& points) {
    const Eight t = Each([](Vec p) HWY_ATTR { return hn::ShiftRight<kOneBits - 3>(p); }, points);
    // Another coordinate sum of the labels, but for an even number of periods: see e8_representative().
    const Vec odd = hn::And(t.x0, All(8 * q));
    const Eight decoded =
        Remainder<16 * q>(Each([&](Vec v) HWY_ATTR { return hn::Add(v, odd); }, t));
    return hn::Eq(OrOf(Each([](Vec a, Vec b) HWY_ATTR { return hn::Xor(a, b); }, t, decoded)),
                  All(0));
  }

  // e8_labels() of t.
  static HWY_INLINE Eight LabelsOf(const Eight& t) {
    Eight twice = Each([&](Vec v) HWY_ATTR { return hn::Sub(v, t.x0); }, t);
    twice.x7 = hn::ShiftRight<1>(hn::Sub(hn::Add(twice.x7, twice.x7), SumOf(twice)));
    twice.x0 = hn::Add(t.x0, t.x0);
    return Each([](Vec v) HWY_ATTR { return hn::And(hn::ShiftRight<1>(v), All(q - 1)); }, twice);
  }
};

// E8 in a cube of m levels. Variants are the parities of the sum of the labels.
template <int m>
struct Cube {
  static constexpr int kLabelBits = std::bit_width(unsigned{m}) - 1;
  static constexpr int kStep = m == 16 ? 2 : 4;  // of t, from a label to the next
  static constexpr int kLowest = m == 16 ? 15 : 7;  // -t of labels 0
  static constexpr int kOneBits = m == 16 ? 8 : 6, kStepBits = kOneBits + kStep / 2;
  static constexpr int kScales = m == 16 ? 4 : 1, kVariants = 2;
  static constexpr bool kMayFail = false;
  static constexpr float kGaugeTimesReach = 0x1p15f * ((kLowest + kStep / 4.0f) * (1 << kOneBits));

  // The largest coordinate.
  static HWY_INLINE Vec Gauge(const Eight& x) {
    return LargestOf(Each([](Vec v) HWY_ATTR { return hn::Abs(v); }, x));
  }

  static HWY_INLINE Eight Points(const Eight& y, Vec, Vec multiplier, Vec variant) {
    const Vec shift = hn::ShiftLeft<kStepBits - 1>(variant);
    const Vec origin = hn::Sub(All(kLowest << kOneBits), shift);
    // In steps from the lowest label.
    const Eight x = Each(
        [&](Vec v) HWY_ATTR { return hn::Add(hn::MulFixedPoint15(v, multiplier), origin); }, y);
    const Eight labels = Each(
        [](Vec v) HWY_ATTR {
          const Vec rounded = hn::ShiftRight<kStepBits>(hn::Add(v, All(1 << (kStepBits - 1))));
          return hn::Min(hn::Max(rounded, All(0)), All(m - 1));
        },
        x);
    const Eight off = Each(
        [](Vec v, Vec label) HWY_ATTR { return hn::Sub(v, hn::ShiftLeft<kStepBits>(label)); }, x,
        labels);
    // To the other side of x, or away from it where there is no label on the other side.
    const Eight moves = Each(
        [](Vec label, Vec e) HWY_ATTR {
          const Vec towards = hn::Or(hn::ShiftRight<15>(e), All(1));
          const Mask outside = hn::TestBit(hn::Add(label, towards), All(m));
          return hn::IfThenElse(outside, hn::Neg(towards), towards);
        },
        labels, off);
    const Eight gains = Tagged(Each(
        [](Vec move, Vec e) HWY_ATTR {
          return Untagged(hn::IfThenElse(hn::Lt(move, All(0)), hn::Neg(e), e));
        },
        moves, off));
    const Mask right = hn::TestBit(hn::Xor(XorOf(labels), hn::Not(variant)), All(1));
    const Vec moved = hn::IfThenElse(right, All(-0x8000), LargestOf(gains));
    const Vec lowest = hn::Sub(shift, All(kLowest << kOneBits));
    return Each(
        [&](Vec label, Vec move, Vec gain) HWY_ATTR {
          const Vec chosen = hn::Add(label, hn::IfThenElseZero(hn::Eq(gain, moved), move));
          return hn::Add(hn::ShiftLeft<kStepBits>(chosen), lowest);
        },
        labels, moves, gains);
  }

  static HWY_INLINE Eight LabelsOf(const Eight& t) {
    return Each([](Vec v) HWY_ATTR { return hn::ShiftRight<kStep / 2>(hn::Add(v, All(kLowest))); },
                t);
  }
};

}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // guard
