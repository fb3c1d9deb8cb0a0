#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/kernel_tile.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>

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
float LeastOffset(const float* offsets, Index count) {
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

template <int kVectors>
class Tile {
 public:
  using Row = Strip<kVectors>;

  // Differences instead of products are asked for where two offsets may add up to less than `far`.
  HWY_INLINE void Evaluate(TileQueries queries, TileKeys keys, Index dim, bool any_far, float far) {
    Products(queries, keys, dim);
    if (any_far && AnyCancelled(queries, keys, far)) Differences(queries, keys, dim);
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
  HWY_INLINE void Differences(TileQueries queries, TileKeys keys, Index dim) {
    Each([](Row& row, Index) HWY_ATTR { row.Each([](V& v, Index) HWY_ATTR { v = hn::Zero(d); }); });
    ForCoordinates(queries, keys.rows, dim, [](Row& row, V key, const Row& points) HWY_ATTR {
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
  // Has a product lost more than one bit, and is the kernel not 0 in any case?
  HWY_INLINE bool AnyCancelled(TileQueries queries, TileKeys keys, float far) {
    Row offsets;
    offsets.Load(queries.offsets);
    auto any = hn::FirstN(d, 0);
    Each([&](Row& row, Index i) HWY_ATTR {
      const V offset = hn::Set(d, keys.offsets[i]);
      row.With(offsets, [&](V& v, V o) HWY_ATTR {
        const V both = hn::Add(o, offset);
        const V zero = hn::MulAdd(both, hn::Set(d, 0x1p-16F), hn::Set(d, -127.0F));
        const V near = hn::Max(hn::Mul(both, hn::Set(d, 0.5F)), zero);
        any = hn::Or(any, hn::And(hn::Gt(v, near), hn::Lt(both, hn::Set(d, far))));
      });
    });
    return !hn::AllFalse(d, any);
  }

  Row r0, r1, r2, r3, r4, r5, r6, r7;
};

// `count` numbers, filled up to those of a tile.
HWY_INLINE const float* Filled(const float* numbers, Index count, float with, float* room) {
  if (count == kTileKeys) return numbers;
  for (Index i = 0; i < kTileKeys; ++i) room[i] = i < count ? numbers[i] : with;
  return room;
}

// body(tile, its first key, how many keys, first lane) for tiles that cover all keys and lanes. The
// last keys are filled up with some that no query sees.
template <int kVectors, class Body>
HWY_INLINE void ForTiles(const QueryPanel& queries, const KeyList& keys, Index dim,
                         const Body& body) {
  const Index lanes = queries.lanes();
  // The rounding of offsets and dim products errs by about sqrt(8 + dim) 2e-8 times the offsets. A
  // few millionths are let be.
  const float far = -192 / std::sqrt(static_cast<float>(8 + dim));
  const bool any_far =
      LeastOffset(queries.offsets, lanes) + LeastOffset(keys.offsets, keys.count) < far;
  const float* row_room[kTileKeys];
  float offset_room[kTileKeys];
  for (Index first = 0; first < keys.count; first += kTileKeys) {
    const Index count = std::min(kTileKeys, keys.count - first);
    const float* const* rows = keys.rows + first;
    if (count < kTileKeys) {
      for (Index i = 0; i < kTileKeys; ++i) row_room[i] = rows[std::min(i, count - 1)];
      rows = row_room;
    }
    const TileKeys tile_keys{rows, Filled(keys.offsets + first, count, kNoQuery, offset_room)};
    for (Index lane = 0; lane < lanes; lane += kVectors * kWidth) {
      Tile<kVectors> tile;
      tile.Evaluate({queries.points + lane, queries.offsets + lane, lanes}, tile_keys, dim, any_far,
                    far);
      body(tile, first, count, lane);
    }
  }
}

template <int kVectors>
void AddKernelSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                   float* sums) {
  using Row = Strip<kVectors>;
  ForTiles<kVectors>(queries, keys, dim,
                     [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
                       float room[kTileKeys];
                       const float* const w = Filled(weights + first, count, 0, room);
                       Row sum;
                       sum.Load(sums + lane);
                       tile.Each([&](Row& row, Index i) HWY_ATTR {
                         const V weight = hn::Set(d, w[i]);
                         sum.With(row, [&](V& s, V k) HWY_ATTR { s = hn::MulAdd(weight, k, s); });
                       });
                       sum.Store(sums + lane);
                     });
}

template <int kVectors>
void AddClippedSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                    const float* plain, float most, float* sums) {
  using Row = Strip<kVectors>;
  ForTiles<kVectors>(queries, keys, dim,
                     [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
                       float room[kTileKeys], plain_room[kTileKeys];
                       const float* const w = Filled(weights + first, count, 0, room);
                       const float* const p = Filled(plain + first, count, 0, plain_room);
                       Row sum;
                       sum.Load(sums + lane);
                       tile.Each([&](Row& row, Index i) HWY_ATTR {
                         const V weight = hn::Set(d, w[i]), instead = hn::Set(d, p[i]);
                         sum.With(row, [&](V& s, V k) HWY_ATTR {
                           const auto large = hn::Gt(hn::Abs(hn::Mul(weight, k)), hn::Set(d, most));
                           s = hn::MulAdd(hn::IfThenElse(large, instead, weight), k, s);
                         });
                       });
                       sum.Store(sums + lane);
                     });
}

template <int kVectors>
void AddMutualSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                   float* sums, const float* query_weights, float* key_sums) {
  using Row = Strip<kVectors>;
  ForTiles<kVectors>(queries, keys, dim,
                     [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
                       float room[kTileKeys];
                       const float* const w = Filled(weights + first, count, 0, room);
                       Row sum, query;
                       sum.Load(sums + lane);
                       query.Load(query_weights + lane);
                       tile.Each([&](Row& row, Index i) HWY_ATTR {
                         const V weight = hn::Set(d, w[i]);
                         sum.With(row, [&](V& s, V k) HWY_ATTR { s = hn::MulAdd(weight, k, s); });
                         if (i >= count) return;
                         float* const to = key_sums + (first + i) * kLanes;
                         V key = hn::LoadU(d, to);
                         row.With(query, [&](V& k, V q) HWY_ATTR { key = hn::MulAdd(k, q, key); });
                         hn::StoreU(key, d, to);
                       });
                       sum.Store(sums + lane);
                     });
}

template <int kVectors>
void StoreKernelValues(const QueryPanel& queries, const KeyList& keys, Index dim, float* values) {
  ForTiles<kVectors>(queries, keys, dim,
                     [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
                       float* const to = values + first * queries.lanes() + lane;
                       tile.Each([&](Strip<kVectors>& row, Index i) HWY_ATTR {
                         if (i < count) row.Store(to + i * queries.lanes());
                       });
                     });
}

template <int kVectors>
void AddWeighted(MatrixView<const float> columns, const float* values, Index lanes, float* sums) {
  for (Index first = 0; first < columns.rows; first += kTileKeys) {
    const Index count = std::min(kTileKeys, columns.rows - first);
    const float* rows[kTileKeys];
    for (Index i = 0; i < kTileKeys; ++i)
      rows[i] = columns.row_data(first + std::min(i, count - 1));
    for (Index lane = 0; lane < lanes; lane += kVectors * kWidth) {
      float* const to = sums + first * lanes + lane;
      Tile<kVectors> tile;
      tile.Each([&](Strip<kVectors>& row, Index i)
                    HWY_ATTR { row.Load(to + std::min(i, count - 1) * lanes); });
      tile.AddProducts({values + lane, nullptr, lanes}, rows, columns.cols);
      tile.Each([&](Strip<kVectors>& row, Index i) HWY_ATTR {
        if (i < count) row.Store(to + i * lanes);
      });
    }
  }
}

// call(how many vectors a tile has), so that it is full or has all of the panel.
template <class Call>
void WithVectors(int vectors, const Call& call) {
  if constexpr (kTileVectors == 2) {
    call(std::integral_constant<int, 2>());
  } else {
    if (vectors == 3) call(std::integral_constant<int, 3>());
    if (vectors == 2) call(std::integral_constant<int, 2>());
    if (vectors == 1) call(std::integral_constant<int, 1>());
  }
}

void KernelSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                float* sums) {
  WithVectors(queries.vectors,
              [&](auto v) { AddKernelSums<v()>(queries, keys, dim, weights, sums); });
}
void ClippedSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                 const float* plain, float most, float* sums) {
  WithVectors(queries.vectors,
              [&](auto v) { AddClippedSums<v()>(queries, keys, dim, weights, plain, most, sums); });
}
void MutualSums(const QueryPanel& queries, const KeyList& keys, Index dim, const float* weights,
                float* sums, const float* query_weights, float* key_sums) {
  WithVectors(queries.vectors, [&](auto v) {
    AddMutualSums<v()>(queries, keys, dim, weights, sums, query_weights, key_sums);
  });
}
void KernelValues(const QueryPanel& queries, const KeyList& keys, Index dim, float* values) {
  WithVectors(queries.vectors, [&](auto v) { StoreKernelValues<v()>(queries, keys, dim, values); });
}
void WeightedValues(MatrixView<const float> columns, const float* values, int vectors,
                    float* sums) {
  WithVectors(vectors, [&](auto v) { AddWeighted<v()>(columns, values, kLanes * vectors, sums); });
}

}  // namespace prodigest::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace prodigest::kernel {
HWY_EXPORT(KernelSums);
HWY_EXPORT(ClippedSums);
HWY_EXPORT(MutualSums);
HWY_EXPORT(KernelValues);
HWY_EXPORT(WeightedValues);

void add_kernel_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                     const float* weights, float* sums) {
  HWY_DYNAMIC_DISPATCH(KernelSums)(queries, keys, dim, weights, sums);
}
void add_clipped_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                      const float* weights, const float* plain, float most, float* sums) {
  HWY_DYNAMIC_DISPATCH(ClippedSums)(queries, keys, dim, weights, plain, most, sums);
}
void add_mutual_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                     const float* weights, float* sums, const float* query_weights,
                     float* key_sums) {
  HWY_DYNAMIC_DISPATCH(MutualSums)
  (queries, keys, dim, weights, sums, query_weights, key_sums);
}
void kernel_values(const QueryPanel& queries, const KeyList& keys, Index dim, float* values) {
  HWY_DYNAMIC_DISPATCH(KernelValues)(queries, keys, dim, values);
}
void add_weighted_values(MatrixView<const float> columns, const float* values, int vectors,
                         float* sums) {
  HWY_DYNAMIC_DISPATCH(WeightedValues)(columns, values, vectors, sums);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
