// Superblocks decoded by arithmetic that every instruction set has. Compiled once for each of them,
// so the guard is Highway's.
#if defined(PRODIGEST_CODING_DECODE_SCALED_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_CODING_DECODE_SCALED_INL_HPP
#undef PRODIGEST_CODING_DECODE_SCALED_INL_HPP
#else
#define PRODIGEST_CODING_DECODE_SCALED_INL_HPP
#endif

#include "coding/decode_lanes_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR

template <int label_bits, int scale_bits>
void DecodeVoronoi(const BlockFormat& format, const Superblocks& from, std::int8_t* values,
                   Index stride) {
  // Bytes are y << up, where y modulo 4 q fills them: bit 7 is the parity of the floors of y / 2q,
  // the bit below is 1 where z < 0, and twice the byte is z 128 / q.
  constexpr int up = 6 - label_bits;
  const Bytes d;
  const MultiplierTable table(format);
  ForEachSuperblock(
      from, values, stride,
      [&](const std::uint8_t* labels, const std::uint8_t* scale_bytes, std::int8_t* out) HWY_ATTR {
        const ScaleBits<scale_bits> scales(scale_bytes, from.paired);
        for (Index lane = 0; lane < kLanes; lane += static_cast<Index>(hn::Lanes(d))) {
          const Eight y = Points<up>(Labels<label_bits, up + 1>(labels + lane));
          Eight key = Each(
              y, [](V v) HWY_ATTR { return hn::BitCast(Bytes(), hn::Abs(Signed(hn::Add(v, v)))); });
          key.v1 = hn::Or(key.v1, All(1));
          key.v2 = hn::Or(key.v2, All(2));
          key.v3 = hn::Or(key.v3, All(3));
          key.v4 = hn::Or(key.v4, All(4));
          key.v5 = hn::Or(key.v5, All(5));
          key.v6 = hn::Or(key.v6, All(6));
          key.v7 = hn::Or(key.v7, All(7));
          const V parity = XorOf(y), none = hn::Zero(d);
          const Choice choice =
              Choose(key, Less(hn::Xor(parity, hn::Add(parity, parity)), none), Less(parity, none));
          const V integer = hn::IfThenElse(choice.half, none, All(64));
          const Multipliers b = table.Of(scales, lane);
          StoreEight(Each(y, key,
                          [&](V v, V k) HWY_ATTR {
                            // z of the coset, << up, its sign in bits 6 and 7; moved by 2 q if bit
                            // 7 is the other
                            const V z = hn::Sub(hn::Xor(hn::And(v, All(127)), integer), All(64));
                            const V moved = hn::IfThenElseZero(hn::Eq(k, choice.moved), All(128));
                            return Scaled<up>(hn::Xor(z, moved), b);
                          }),
                     out + lane);
        }
      });
}

template <int label_bits, int scale_bits>
void DecodeCube(const BlockFormat& format, const Superblocks& from, std::int8_t* values,
                Index stride) {
  constexpr int up = label_bits == 4 ? 1 : 2;  // t = (u << up) + (parity << (up - 1)) - centre
  constexpr int centre = (1 << (label_bits + up - 1)) - 1;
  const Bytes d;
  const MultiplierTable table(format);
  ForEachSuperblock(
      from, values, stride,
      [&](const std::uint8_t* labels, const std::uint8_t* scale_bytes, std::int8_t* out) HWY_ATTR {
        for (Index lane = 0; lane < kLanes; lane += static_cast<Index>(hn::Lanes(d))) {
          const Eight u = Labels<label_bits, up>(labels + lane);
          const V shift = hn::Sub(Field<up, 1, up - 1>(XorOf(u)), All(centre));
          const Eight t = Each(u, [&](V v) HWY_ATTR { return hn::Add(v, shift); });
          if constexpr (scale_bits == 0) {
            StoreEight(t, out + lane);
          } else {
            const Multipliers b = table.Of(ScaleBits<scale_bits>(scale_bytes, from.paired), lane);
            StoreEight(Each(t, [&](V v) HWY_ATTR { return Scaled<0>(v, b); }), out + lane);
          }
        }
      });
}

#endif
}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
