#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernel/kernel_tile.cpp"
#include "core/simd.hpp"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>

#include "kernel/kernel_tile.hpp"
#include "kernel/tile_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace prodigest::kernel::HWY_NAMESPACE {

// `count` numbers, filled up to those of a tile.
HWY_INLINE const float* Filled(const float* numbers, Index count, float with, float* room) {
  if (count == kTileKeys) return numbers;
  for (Index i = 0; i < kTileKeys; ++i) room[i] = i < count ? numbers[i] : with;
  return room;
}

// body(tile, its first key, how many keys, first lane) for tiles that cover all keys and lanes. The
// last keys are filled up with some that no query sees.
template <int kVectors, bool kByVector = false, class Body>
HWY_INLINE void ForTiles(const QueryPanel& queries, const KeyList& keys, Index dim,
                         const Body& body) {
  const Index lanes = queries.lanes();
  const Far far(queries, keys, dim);
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
      tile.template Evaluate<kByVector>({queries.points + lane, queries.offsets + lane, lanes},
                                        tile_keys, dim, far);
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
                    const float* plain, const float* most, float* sums) {
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
                         Row term;
                         term.Load(most + lane);
                         term.With(row, [&](V& t, V k) HWY_ATTR {
                           const V scaled = hn::Mul(weight, k);
                           t = hn::IfThenElse(hn::Gt(hn::Abs(scaled), t), hn::Mul(instead, k), scaled);
                         });
                         sum.With(term, [&](V& s, V t) HWY_ATTR { s = hn::Add(s, t); });
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

template <int kVectors, bool kByVector>
void StoreKernelValues(const QueryPanel& queries, const KeyList& keys, Index dim, float* values) {
  ForTiles<kVectors, kByVector>(
      queries, keys, dim, [&](Tile<kVectors>& tile, Index first, Index count, Index lane) HWY_ATTR {
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
                 const float* plain, const float* most, float* sums) {
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
  WithVectors(queries.vectors,
              [&](auto v) { StoreKernelValues<v(), false>(queries, keys, dim, values); });
}
void KernelValuesByVector(const QueryPanel& queries, const KeyList& keys, Index dim,
                          float* values) {
  WithVectors(queries.vectors,
              [&](auto v) { StoreKernelValues<v(), true>(queries, keys, dim, values); });
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
HWY_EXPORT(KernelValuesByVector);
HWY_EXPORT(WeightedValues);

void add_kernel_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                     const float* weights, float* sums) {
  HWY_DYNAMIC_DISPATCH(KernelSums)(queries, keys, dim, weights, sums);
}
void add_clipped_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                      const float* weights, const float* plain, const float* most, float* sums) {
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
void kernel_values_by_vector(const QueryPanel& queries, const KeyList& keys, Index dim,
                             float* values) {
  HWY_DYNAMIC_DISPATCH(KernelValuesByVector)(queries, keys, dim, values);
}
void add_weighted_values(MatrixView<const float> columns, const float* values, int vectors,
                         float* sums) {
  HWY_DYNAMIC_DISPATCH(WeightedValues)(columns, values, vectors, sums);
}

}  // namespace prodigest::kernel
#endif  // HWY_ONCE
