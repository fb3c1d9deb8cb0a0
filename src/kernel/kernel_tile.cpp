#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/kernel_tile.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>

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

// The smallest of some offsets that are of points; how many they are is a multiple of the lanes.
float LeastOffset(const float* offsets, Index count) {
  V least = hn::Zero(d);
  for (Index at = 0; at < count; at += kWidth) {
    const V v = hn::LoadU(d, offsets + at);
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

template <int kVectors>
class Tile {
 public:
  using Row = Strip<kVectors>;

  // The rounding of a sum of dim products errs by about sqrt(dim) 2e-8 times the offsets. It is let
  // be up to a few millionths, and where it is no more than twice as large as that of the
  // differences, and where kernel values are 0 either way.
  HWY_INLINE void Evaluate(TileQueries queries, TileKeys keys, Index dim, float least) {
    Products(queries, keys, dim);
    if (least * least * static_cast<float>(dim) > 0x1p16F) {
      const float near = std::max(least / 2, -127 + least * 0x1p-16F);
      if (!hn::AllFalse(d, hn::Gt(Largest(), hn::Set(d, near)))) Differences(queries, keys, dim);
    }
    Each([&](Row& row, Index)
             HWY_ATTR { row.Each([&](V& v, Index) HWY_ATTR { v = Exponential2(d, v); }); });
  }
  // body(kernel values of a key, its number), key after key.
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
  HWY_INLINE void ForCoordinates(TileQueries queries, TileKeys keys, Index dim, const Body& body) {
    for (Index c = 0; c < dim; ++c) {
      Row points;
      points.Load(queries.points + c * queries.stride);
      Each([&](Row& row, Index i) HWY_ATTR { body(row, hn::Set(d, keys.rows[i][c]), points); });
    }
  }
  HWY_INLINE void Products(TileQueries queries, TileKeys keys, Index dim) {
    Row offsets;
    offsets.Load(queries.offsets);
    Each([&](Row& row, Index i) HWY_ATTR {
      const V offset = hn::Set(d, keys.offsets[i]);
      row.With(offsets, [&](V& v, V o) HWY_ATTR { v = hn::Add(o, offset); });
    });
    ForCoordinates(queries, keys, dim, [](Row& row, V key, const Row& points) HWY_ATTR {
      row.With(points, [&](V& v, V p) HWY_ATTR { v = hn::MulAdd(key, p, v); });
    });
  }
  HWY_INLINE void Differences(TileQueries queries, TileKeys keys, Index dim) {
    Each([](Row& row, Index) HWY_ATTR { row.Each([](V& v, Index) HWY_ATTR { v = hn::Zero(d); }); });
    ForCoordinates(queries, keys, dim, [](Row& row, V key, const Row& points) HWY_ATTR {
      row.With(points, [&](V& v, V p) HWY_ATTR {
        const V apart = hn::Sub(p, key);
        v = hn::MulAdd(apart, apart, v);
      });
    });
    Row offsets;
    offsets.Load(queries.offsets);
    const V none = hn::Set(d, kNoQuery);
    Each([&](Row& row, Index i) HWY_ATTR {
      const auto no_key = hn::Eq(hn::Set(d, keys.offsets[i]), none);
      row.With(offsets, [&](V& v, V o) HWY_ATTR {
        const auto nothing = hn::Or(hn::Eq(o, none), no_key);
        v = hn::IfThenElse(nothing, none, hn::Mul(v, hn::Set(d, -0.5F)));
      });
    });
  }
  HWY_INLINE V Largest() {
    V largest = r0.v0;
    Each([&](Row& row, Index)
             HWY_ATTR { row.Each([&](V& v, Index) HWY_ATTR { largest = hn::Max(largest, v); }); });
    return largest;
  }

  Row r0, r1, r2, r3, r4, r5, r6, r7;
};

// body(tile, its first key, how many keys, first lane) for tiles that cover all keys and lanes. The
// last keys are filled up with some that no query sees.
template <int kVectors, class Body>
HWY_INLINE void ForTiles(const QueryPanel& queries, const KeyList& keys, Index dim,
                         const Body& body) {
  const Index lanes = queries.lanes();
  const float least_query = LeastOffset(queries.offsets, lanes);
  for (Index first = 0; first < keys.count; first += kTileKeys) {
    const Index count = std::min(kTileKeys, keys.count - first);
    const float* rows[kTileKeys];
    alignas(64) float offsets[kLanes];
    std::fill_n(offsets, kLanes, kNoQuery);
    std::copy_n(keys.offsets + first, count, offsets);
    for (Index i = 0; i < kTileKeys; ++i) rows[i] = keys.rows[first + std::min(i, count - 1)];
    const float least = least_query + LeastOffset(offsets, kLanes);
    for (Index lane = 0; lane < lanes; lane += kVectors * kWidth) {
      Tile<kVectors> tile;
      tile.Evaluate({queries.points + lane, queries.offsets + lane, lanes}, {rows, offsets}, dim,
                    least);
      body(tile, first, count, lane);
    }
  }
}

template <int kVectors>
struct Products {
  const QueryPanel& queries;
  const KeyList& keys;
  Index dim;
  using Row = Strip<kVectors>;

  void AddSums(const float* weights, float* sums) {
    ForTiles<kVectors>(queries, keys, dim,
                       [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
                         float w[kTileKeys] = {};
                         std::copy_n(weights + first, count, w);
                         Row sum;
                         sum.Load(sums + lane);
                         tile.Each([&](Row& row, Index i) HWY_ATTR {
                           const V weight = hn::Set(d, w[i]);
                           sum.With(row, [&](V& s, V k) HWY_ATTR { s = hn::MulAdd(weight, k, s); });
                         });
                         sum.Store(sums + lane);
                       });
  }
  void AddClipped(const float* weights, const float* plain, float most, float* sums) {
    ForTiles<kVectors>(queries, keys, dim,
                       [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
                         float w[kTileKeys] = {}, p[kTileKeys] = {};
                         std::copy_n(weights + first, count, w);
                         std::copy_n(plain + first, count, p);
                         Row sum;
                         sum.Load(sums + lane);
                         tile.Each([&](Row& row, Index i) HWY_ATTR {
                           const V weight = hn::Set(d, w[i]), instead = hn::Set(d, p[i]);
                           sum.With(row, [&](V& s, V k) HWY_ATTR {
                             const auto large =
                                 hn::Gt(hn::Abs(hn::Mul(weight, k)), hn::Set(d, most));
                             s = hn::MulAdd(hn::IfThenElse(large, instead, weight), k, s);
                           });
                         });
                         sum.Store(sums + lane);
                       });
  }
  void Values(float* values) {
    ForTiles<kVectors>(queries, keys, dim,
                       [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
                         tile.Each([&](Row& row, Index i) HWY_ATTR {
                           if (i < count) row.Store(values + (first + i) * queries.lanes() + lane);
                         });
                       });
  }
};

// With so many vectors to a tile that it is full, or has all of the panel.
template <class Call>
void WithVectors(const QueryPanel& queries, const KeyList& keys, Index dim, const Call& call) {
  if constexpr (kTileVectors == 2) {
    call(Products<2>{queries, keys, dim});
  } else {
    if (queries.vectors == 3) call(Products<3>{queries, keys, dim});
    if (queries.vectors == 2) call(Products<2>{queries, keys, dim});
    if (queries.vectors == 1) call(Products<1>{queries, keys, dim});
  }
}

void KernelSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                float* sums) {
  WithVectors(queries, keys, dim, [&](auto products) { products.AddSums(weights, sums); });
}
void ClippedSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                 const float* plain, float most, float* sums) {
  WithVectors(queries, keys, dim,
              [&](auto products) { products.AddClipped(weights, plain, most, sums); });
}
void KernelValues(const QueryPanel& queries, const KeyList& keys, Index dim, float* values) {
  WithVectors(queries, keys, dim, [&](auto products) { products.Values(values); });
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(KernelSums);
HWY_EXPORT(ClippedSums);
HWY_EXPORT(KernelValues);

void add_kernel_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                     const float* weights, float* sums) {
  HWY_DYNAMIC_DISPATCH(KernelSums)(queries, keys, dim, weights, sums);
}
void add_clipped_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                      const float* weights, const float* plain, float most, float* sums) {
  HWY_DYNAMIC_DISPATCH(ClippedSums)(queries, keys, dim, weights, plain, most, sums);
}
void kernel_values(const QueryPanel& queries, const KeyList& keys, Index dim, float* values) {
  HWY_DYNAMIC_DISPATCH(KernelValues)(queries, keys, dim, values);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
