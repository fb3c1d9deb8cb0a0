// Kernel values of a few keys and a few vectors of queries, in registers. Compiled once for each
// instruction set, so the guard is Highway's.
#if defined(PRODIGEST_KERNEL_TILE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef PRODIGEST_KERNEL_TILE_INL_HPP
#undef PRODIGEST_KERNEL_TILE_INL_HPP
#else
#define PRODIGEST_KERNEL_TILE_INL_HPP
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernel/exponential_inl.hpp"
#include "kernel/kernel_tile.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {

using D = hn::CappedTag<float, kLanes>;
using V = hn::Vec<D>;
constexpr D d;
constexpr Index kWidth = hn::MaxLanes(D());
// A tile has so many keys, and vectors of queries, that its sums nearly fill the registers.
constexpr Index kTileKeys = HWY_TARGET == HWY_AVX3 ? 8 : 6;
constexpr int kTileVectors = HWY_TARGET == HWY_AVX3 ? kMostVectors : 2;

// Up to three vectors side by side. Named, not an array: g++ 12 spills arrays of vectors.
template <int kVectors>
struct Strip {
  V v0, v1, v2;

  template <class Body>
  HWY_INLINE void Each(const Body& body) {
    body(v0, 0);
    if constexpr (kVectors > 1) body(v1, kWidth);
    if constexpr (kVectors > 2) body(v2, 2 * kWidth);
  }
  template <class Body>
  HWY_INLINE void With(const Strip& other, const Body& body) {
    body(v0, other.v0);
    if constexpr (kVectors > 1) body(v1, other.v1);
    if constexpr (kVectors > 2) body(v2, other.v2);
  }
  HWY_INLINE void Load(const float* from) {
    Each([&](V& v, Index at) HWY_ATTR { v = hn::LoadU(d, from + at); });
  }
  HWY_INLINE void Store(float* to) {
    Each([&](V& v, Index at) HWY_ATTR { hn::StoreU(v, d, to + at); });
  }
};

// The least of some offsets that are of points.
HWY_INLINE float LeastOffset(const float* offsets, Index count) {
  V least = hn::Zero(d);
  for (Index at = 0; at < count; at += kWidth) {
    const auto here = hn::FirstN(d, static_cast<std::size_t>(count - at));
    const V v = hn::MaskedLoad(here, d, offsets + at);
    least = hn::Min(least, hn::IfThenZeroElse(hn::Eq(v, hn::Set(d, kNoQuery)), v));
  }
  return hn::GetLane(hn::MinOfLanes(d, least));
}

// Keys and queries of one tile: always kTileKeys keys, some lanes of a panel.
struct TileKeys {
  const float* const* rows;
  const float* offsets;
};
struct TileQueries {
  const float* points;
  const float* offsets;
  Index stride;
};

// Where offsets are so large that products cancel.
struct Far {
  Far(const QueryPanel& queries, const KeyList& keys, Index dim)
      : from(-256 / std::sqrt(static_cast<float>(8 + dim))),
        least(LeastOffset(queries.offsets, queries.lanes()) +
              LeastOffset(keys.offsets, keys.count)),
        any(least < from) {}

  // Logarithms above this have lost more than two bits, and are not of kernel values that are 0 in
  // any case.
  float Near(float both) const { return std::max(both * 0.25F, both * 0x1p-16F - 127); }
  template <int kVectors>
  HWY_INLINE bool AnyCancelled(Strip<kVectors> row, const Strip<kVectors>& offsets,
                               float key_offset) const {
    auto cancelled = hn::FirstN(d, 0);
    row.With(offsets, [&](V& v, V o) HWY_ATTR {
      const V both = hn::Add(o, hn::Set(d, key_offset));
      const V zero = hn::MulAdd(both, hn::Set(d, 0x1p-16F), hn::Set(d, -127.0F));
      const V near = hn::Max(hn::Mul(both, hn::Set(d, 0.25F)), zero);
      cancelled = hn::Or(cancelled, hn::And(hn::Gt(v, near), hn::Lt(both, hn::Set(d, from))));
    });
    return !hn::AllFalse(d, cancelled);
  }

  float from;  // the rounding of offsets and dim products errs by about sqrt(8 + dim) 2e-8 times
               // the offsets; a few millionths are let be
  float least;  // that two offsets may add up to
  bool any;
};

// Logarithms of kernel values of one key, with no product that could cancel.
template <int kVectors>
HWY_NOINLINE Strip<kVectors> Differences(TileQueries queries, const float* key, float key_offset,
                                         Index dim) {
  using Row = Strip<kVectors>;
  Row even, odd, points;
  even.Each([](V& v, Index) HWY_ATTR { v = hn::Zero(d); });
  odd = even;
  const auto add = [&](Row& row, Index c) HWY_ATTR {
    const V left = hn::Set(d, key[c]);
    points.Load(queries.points + c * queries.stride);
    row.With(points, [&](V& v, V p) HWY_ATTR {
      const V apart = hn::Sub(p, left);
      v = hn::MulAdd(apart, apart, v);
    });
  };
  for (Index c = 0; c + 1 < dim; c += 2) {
    add(even, c);
    add(odd, c + 1);  // which needs not wait for the one before
  }
  if (dim % 2 == 1) add(even, dim - 1);
  even.With(odd, [&](V& v, V o) HWY_ATTR { v = hn::Mul(hn::Add(v, o), hn::Set(d, -0.5F)); });
  const V none = hn::Set(d, kNoQuery);
  points.Load(queries.offsets);
  even.With(points, [&](V& v, V offset) HWY_ATTR {
    v = hn::IfThenElse(hn::Eq(hn::Add(offset, hn::Set(d, key_offset)), none), none, v);
  });
  return even;
}

template <int kVectors>
class Tile {
 public:
  template <int>
  friend class Tile;
  using Row = Strip<kVectors>;

  // Kernel values. With kByVector those of kLanes queries do not depend on the others of the tile.
  template <bool kByVector>
  HWY_INLINE void Evaluate(TileQueries queries, TileKeys keys, Index dim, const Far& far) {
    Products(queries, keys, dim);
    if (far.any && AnyAbove(far.Near(far.least))) {
      constexpr int kTogether = kByVector && kWidth == kLanes ? 1 : kVectors;
      Each([&](Row& row, Index i)
               HWY_ATTR { ReplaceCancelled<kTogether>(row, i, queries, keys, dim, far); });
    }
    Each([&](Row& row, Index)
             HWY_ATTR { row.Each([&](V& v, Index) HWY_ATTR { v = Exponential2(d, v); }); });
  }
  // Adds the products with other rows to some sums.
  HWY_INLINE void AddProducts(TileQueries queries, const float* const* rows, Index dim) {
    ForCoordinates(queries, rows, dim, [](Row& row, V key, const Row& points) HWY_ATTR {
      row.With(points, [&](V& v, V p) HWY_ATTR { v = hn::MulAdd(key, p, v); });
    });
  }
  // body(what there is of a key, its number), key after key.
  template <class Body>
  HWY_INLINE void Each(const Body& body) {
    body(r0, 0);
    body(r1, 1);
    body(r2, 2);
    body(r3, 3);
    body(r4, 4);
    body(r5, 5);
    if constexpr (kTileKeys > 6) {
      body(r6, 6);
      body(r7, 7);
    }
  }

 private:
  // body(sums of a key, its coordinate, those of the queries), coordinate after coordinate.
  template <class Body>
  HWY_INLINE void ForCoordinates(TileQueries queries, const float* const* rows, Index dim,
                                 const Body& body) {
    for (Index c = 0; c < dim; ++c) {
      Row points;
      points.Load(queries.points + c * queries.stride);
      Each([&](Row& row, Index i) HWY_ATTR { body(row, hn::Set(d, rows[i][c]), points); });
    }
  }
  HWY_INLINE void Products(TileQueries queries, TileKeys keys, Index dim) {
    Row offsets;
    offsets.Load(queries.offsets);
    Each([&](Row& row, Index i) HWY_ATTR {
      const V offset = hn::Set(d, keys.offsets[i]);
      row.With(offsets, [&](V& v, V o) HWY_ATTR { v = hn::Add(o, offset); });
    });
    AddProducts(queries, keys.rows, dim);
  }
  // So many vectors are replaced together.
  template <int kTogether>
  HWY_INLINE static void ReplaceCancelled(Row& row, Index i, TileQueries queries, TileKeys keys,
                                          Index dim, const Far& far) {
    if constexpr (kTogether == kVectors) {
      Row offsets;
      offsets.Load(queries.offsets);
      if (far.AnyCancelled(row, offsets, keys.offsets[i]))
        row = Differences<kVectors>(queries, keys.rows[i], keys.offsets[i], dim);
    } else {
      row.Each([&](V& v, Index at) HWY_ATTR {
        Strip<1> one;
        one.v0 = v;
        Tile<1>::template ReplaceCancelled<1>(
            one, i, {queries.points + at, queries.offsets + at, queries.stride}, keys, dim, far);
        v = one.v0;
      });
    }
  }
  HWY_INLINE bool AnyAbove(float least) {
    V largest = r0.v0;
    Each([&](Row& row, Index)
             HWY_ATTR { row.Each([&](V& v, Index) HWY_ATTR { largest = hn::Max(largest, v); }); });
    return !hn::AllFalse(d, hn::Gt(largest, hn::Set(d, least)));
  }

  Row r0, r1, r2, r3, r4, r5, r6, r7;
};

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
