#pragma once
// The inner loop of everything here: kernel values between a panel of queries and a list of keys,
// their points centred and scaled as in points.hpp.
// log2 K = query offset + key offset + <query, key>, offsets -||.||² / 2, so that no difference is
// formed. Where offsets are large and points are near each other beside their norms, that would
// cancel, and the tile takes log2 K = -||query - key||² / 2 by itself.

#include <limits>

#include "prodigest/base/matrix.hpp"

namespace prodigest::kernel {

inline constexpr Index kLanes = 16;     // queries of a vector
inline constexpr int kMostVectors = 3;  // of a panel
// Offset of a lane without a query; its points may be any finite numbers.
inline constexpr float kNoQuery = -std::numeric_limits<float>::infinity();

/// Queries side by side: coordinate c of lane l is points[c * lanes() + l].
struct QueryPanel {
  const float* points = nullptr;
  const float* offsets = nullptr;  // [lanes()]
  int vectors = 1;                 // 1 to kMostVectors
  Index lanes() const { return kLanes * vectors; }
};

/// Keys anywhere in memory, row by row.
struct KeyList {
  const float* const* rows = nullptr;
  const float* offsets = nullptr;
  Index count = 0;
};

/// sums[l] += sum over j of weights[j] K(l, j).  @complexity lanes count dim multiply-adds
void add_kernel_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                     const float* weights, float* sums);
/// That with plain[j] for weights[j] where |K(l, j) weights[j]| > most[l].
void add_clipped_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                      const float* weights, const float* plain, const float* most, float* sums);
/// Both ways: sums as above, and key_sums[j * kLanes + l % kLanes] += query_weights[l] K(l, j),
/// which summed over kLanes is what queries add to a key.
void add_mutual_sums(const QueryPanel& queries, const KeyList& keys, Index dim,
                     const float* weights, float* sums, const float* query_weights,
                     float* key_sums);
/// values[j * lanes() + l] = K(l, j).
void kernel_values(const QueryPanel& queries, const KeyList& keys, Index dim, float* values);
/// That, each vector's values rounded as in a panel of its own.
void kernel_values_by_vector(const QueryPanel& queries, const KeyList& keys, Index dim,
                             float* values);
/// sums[c * lanes + l] += sum over j of columns(c, j) values[j * lanes + l]: many weights at once.
/// @shape columns: m x count, lanes: kLanes times the panel's vectors
void add_weighted_values(MatrixView<const float> columns, const float* values, int vectors,
                         float* sums);

}  // namespace prodigest::kernel
