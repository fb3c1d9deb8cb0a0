// Superblocks decoded by tables of 64 and 128 bytes in vectors (AVX-512 VBMI): half as many
// instructions. Compiled once for each instruction set, so the guard is Highway's.
#if defined(PRODIGEST_CODING_DECODE_TABLES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_CODING_DECODE_TABLES_INL_HPP
#undef PRODIGEST_CODING_DECODE_TABLES_INL_HPP
#else
#define PRODIGEST_CODING_DECODE_TABLES_INL_HPP
#endif

#include <algorithm>
#include <cstdlib>

#include "coding/decode_lanes_inl.hpp"

#undef PRODIGEST_DECODES_BY_TABLES
#define PRODIGEST_DECODES_BY_TABLES (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL)

HWY_BEFORE_NAMESPACE();
namespace prodigest::coding::HWY_NAMESPACE {
#if PRODIGEST_DECODES_BY_TABLES

// Tables are read at the low 6 or 7 bits of an index.
HWY_INLINE V Lookup(V table, V index) { return V{_mm512_permutexvar_epi8(index.raw, table.raw)}; }
HWY_INLINE V LookupIf(M mask, V otherwise, V table, V index) {
  return V{_mm512_mask_permutexvar_epi8(otherwise.raw, mask.raw, index.raw, table.raw)};
}
struct Table128 {
  V lower, upper;
  explicit HWY_INLINE Table128(const std::uint8_t* from)
      : lower(hn::Load(Bytes(), from)), upper(hn::Load(Bytes(), from + 64)) {}
  HWY_INLINE V operator()(V index) const {
    return V{_mm512_permutex2var_epi8(lower.raw, index.raw, upper.raw)};
  }
};

inline std::uint8_t DecodedValue(int t, int multiplier) {
  return static_cast<std::uint8_t>(std::clamp((t * multiplier + 64) >> 7, -127, 127));
}

struct VoronoiTables {
  alignas(64) std::uint8_t key[8 * 64];  // key i of y
  // z of y, and z moved by 2 q; then the same decoded, the scale index in bits 5 and 6
  alignas(64) std::uint8_t kept[64], moved[64];
  alignas(64) std::uint8_t kept_value[128], moved_value[128];

  explicit VoronoiTables(const BlockFormat& format) {
    const int q = format.levels;
    for (int y = 0; y < 128; ++y) {
      const int z = (y + q) % (2 * q) - q;
      const int other = z < 0 ? z + 2 * q : z - 2 * q;
      kept_value[y] = DecodedValue(z, format.multipliers[y >> 5]);
      moved_value[y] = DecodedValue(other, format.multipliers[y >> 5]);
      if (y >= 64) continue;
      kept[y] = static_cast<std::uint8_t>(z);
      moved[y] = static_cast<std::uint8_t>(other);
      for (int i = 0; i < 8; ++i)
        key[64 * i + y] = static_cast<std::uint8_t>(std::abs(z) * (128 / q) + i);
    }
  }
};

template <int label_bits, int scale_bits>
void DecodeVoronoiByTables(const BlockFormat& format, const Superblocks& from, std::int8_t* values,
                           Index stride) {
  static const VoronoiTables tables(format);
  constexpr int q = 1 << label_bits;
  const Bytes d;
  const Eight keys = LoadEight(tables.key);
  const V kept = hn::Load(d, tables.kept), moved = hn::Load(d, tables.moved);
  const Table128 kept_value(tables.kept_value), moved_value(tables.moved_value);
  const MultiplierTable multipliers(format);
  ForEachSuperblock(
      from, values, stride,
      [&](const std::uint8_t* labels, const std::uint8_t* scale_bytes, std::int8_t* out) HWY_ATTR {
        const ScaleBits<scale_bits> scales(scale_bytes, from.paired);
        const Eight y = Points<0>(Labels<label_bits, 1>(labels));
        const Eight key = Each(y, keys, [](V v, V table) HWY_ATTR { return Lookup(table, v); });
        const V parity = XorOf(y);
        const Choice choice =
            Choose(key, hn::TestBit(hn::Xor(parity, hn::Add(parity, parity)), All(2 * q)),
                   hn::TestBit(parity, All(2 * q)));
        const V coset = hn::IfThenElseZero(choice.half, All(q));
        if constexpr (scale_bits == 2) {
          const V high = hn::Or(coset, hn::Or(scales.Where(0, 0, 32), scales.Where(1, 0, 64)));
          StoreEight(Each(y, key,
                          [&](V v, V k) HWY_ATTR {
                            const V index = hn::Xor(hn::And(v, All(2 * q - 1)), high);
                            return hn::IfThenElse(hn::Eq(k, choice.moved), moved_value(index),
                                                  kept_value(index));
                          }),
                     out);
        } else {
          const Multipliers b = multipliers.Of(scales, 0);
          StoreEight(
              Each(y, key,
                   [&](V v, V k) HWY_ATTR {
                     const V index = hn::Xor(v, coset);
                     return Scaled<0>(
                         LookupIf(hn::Eq(k, choice.moved), Lookup(kept, index), moved, index), b);
                   }),
              out);
        }
      });
}

struct CubeTable {
  alignas(
      64) std::uint8_t value[128];  // of u, the parity in bit 4, the scale index in bits 5 and 6

  explicit CubeTable(const BlockFormat& format) {
    for (int i = 0; i < 128; ++i)
      value[i] = DecodedValue(2 * (i & 15) + (i >> 4 & 1) - 15, format.multipliers[i >> 5]);
  }
};

inline void DecodeCubeByTable(const BlockFormat& format, const Superblocks& from,
                              std::int8_t* values, Index stride) {
  static const CubeTable table(format);
  const Table128 value(table.value);
  ForEachSuperblock(
      from, values, stride,
      [&](const std::uint8_t* labels, const std::uint8_t* scale_bytes, std::int8_t* out) HWY_ATTR {
        const ScaleBits<2> scales(scale_bytes, from.paired);
        const Eight u = Labels<4, 0>(labels);
        const V high = hn::Or(Field<0, 1, 4>(XorOf(u)),
                              hn::Or(scales.Where(0, 0, 32), scales.Where(1, 0, 64)));
        StoreEight(Each(u, [&](V v) HWY_ATTR { return value(hn::Or(v, high)); }), out);
      });
}

#endif
}  // namespace prodigest::coding::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
