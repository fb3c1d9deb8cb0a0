#pragma once
// How exact attention goes through a problem, forward and backward: tiles of queries meet tiles of
// keys. A tile of scores has keys as rows and queries as columns: query i of query head a is column
// i * heads + a, so that the heads of a group share what is loaded, and a single token of several
// heads still fills vectors.

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "attention/head_problem.hpp"
#include "core/aligned_matrix.hpp"

namespace prodigest::attention {

inline constexpr Index kTileKeys = 128;
inline constexpr Index kTileColumns = 64;
/// Tiles of queries for which keys are loaded once: what is kept of them, with a tile of keys and
/// one of scores, stays in the second cache.
inline constexpr std::size_t kTilesAtOnce = 8;

/// Of tile_weights.hpp.
inline int score_degree(const AttentionSpec& spec) {
  return spec.kind == Kind::kSoftmax ? 0 : spec.degree;
}

template <Real T>
Index query_heads(const HeadProblem<T>& problem) {
  return static_cast<Index>(problem.queries.size());
}
template <Real T>
Index query_count(const HeadProblem<T>& problem) {
  return problem.queries.front().q.rows();
}

/// Of a tile of queries, with all their heads.
template <Real T>
Index tile_queries(const HeadProblem<T>& problem) {
  return std::clamp<Index>(kTileColumns / query_heads(problem), 1, query_count(problem));
}
template <Real T>
Index tile_columns(const HeadProblem<T>& problem) {
  return tile_queries(problem) * query_heads(problem);
}

/// Keys seen by query `last` or one before it.
template <Real T>
Index keys_seen(const HeadProblem<T>& problem, Index last) {
  const Index keys = problem.k.rows();
  return problem.causal ? std::min(keys, problem.first_query + last + 1) : keys;
}

/// Rows of one query head, of a matrix of rows of all of them.
template <class T>
MatrixView<T> rows_of_head(MatrixView<T> rows, Index head, Index heads) {
  return {rows.row_data(head), rows.rows / heads, rows.cols, rows.row_stride * heads};
}

/// Scores of keys first_key, ... that are later than queries first_query, ... are made such that
/// they weigh nothing.
template <Real T>
void hide_later_keys(const HeadProblem<T>& problem, int degree, Index first_key, Index first_query,
                     MatrixView<T> scores) {
  if (!problem.causal) return;
  const T nothing = degree == 0 ? std::numeric_limits<T>::lowest() : T{0};
  const Index last_key = problem.first_query + first_query;  // that the first query sees
  for (Index j = std::max<Index>(0, last_key + 1 - first_key); j < scores.rows; ++j) {
    const Index blind = (first_key + j - last_key) * query_heads(problem);
    std::ranges::fill_n(scores.row_data(j), std::min(scores.cols, blind), nothing);
  }
}

/// Some keys and their values.
template <Real T>
class KeyTile {
 public:
  explicit KeyTile(const HeadProblem<T>& problem)
      : problem_(problem),
        k_(std::min(kTileKeys, problem.k.rows()), problem.k.width()),
        v_(std::min(kTileKeys, problem.k.rows()), problem.v.width()) {}

  void load(Index first, Index count) {
    first_ = first, count_ = count;
    problem_.k.load(first, k_.view().slice(0, count));
    problem_.v.load(first, v_.view().slice(0, count));
  }

  Index first() const noexcept { return first_; }
  /// How many of them query `last` sees, or one before it.
  Index seen(Index last) const noexcept {
    return std::clamp<Index>(keys_seen(problem_, last) - first_, 0, count_);
  }
  MatrixView<const T> k(Index count) const noexcept { return k_.view().slice(0, count); }
  MatrixView<const T> v(Index count) const noexcept { return v_.view().slice(0, count); }

 private:
  const HeadProblem<T>& problem_;
  Index first_ = 0, count_ = 0;
  AlignedMatrix<T> k_, v_;
};

/// Every query, in a tile, begins, meets the keys that it sees, and finishes. A Tile is made of a
/// `pass`, which holds what does not change, and has begin(first, count), meet(keys) and finish().
template <class Tile, class Pass, Real T>
void meet_keys(Pass& pass, const HeadProblem<T>& problem) {
  if (problem.queries.empty() || query_count(problem) == 0) return;
  const Index queries = query_count(problem), step = tile_queries(problem);
  KeyTile<T> keys(problem);
  std::vector<Tile> tiles;
  for (Index first = 0; first < queries;) {
    std::size_t used = 0;
    for (; used < kTilesAtOnce && first < queries; ++used, first += step) {
      if (used == tiles.size()) tiles.emplace_back(pass);
      tiles[used].begin(first, std::min(step, queries - first));
    }
    first = std::min(first, queries);
    const std::span now(tiles.data(), used);
    const Index seen = keys_seen(problem, first - 1);
    for (Index j = 0; j < seen; j += kTileKeys) {
      keys.load(j, std::min(kTileKeys, seen - j));
      for (Tile& tile : now) tile.meet(keys);
    }
    for (Tile& tile : now) tile.finish();
  }
}

}  // namespace prodigest::attention
