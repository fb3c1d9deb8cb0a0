#include "kernel/nearest_cells.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>

#include "core/gemm.hpp"
#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kTried = 64;  // cells, those nearest to the cell of a query

class Search {
 public:
  Search(const CentredPair& points, const Cells& queries, const Cells& keys,
         const CellDistances& distances, int ranks)
      : points_(points),
        queries_(queries),
        keys_(keys),
        distances_(distances),
        ranks_(std::min<Index>(ranks, keys.count())) {}

  // [ranks x n_q], rank after rank.
  std::vector<std::int32_t> run(const Context& context) const {
    const auto n = static_cast<Index>(queries_.members.size());
    std::vector<std::int32_t> nearest(static_cast<std::size_t>(ranks_ * n));
    parallel_blocks(context, queries_.count(), 4, [&](Index first, Index count) {
      for (Index group = first; group < first + count; ++group) search(group, nearest);
    });
    return nearest;
  }

 private:
  void search(Index group, std::vector<std::int32_t>& nearest) const {
    const std::vector<Index> tried = nearest_to_cell(group);
    const Index first = queries_.starts[group], count = queries_.starts[group + 1] - first;
    const auto rows = points_.of_queries().rows.view();
    AlignedMatrix<float> members(count, rows.cols), centres(std::ssize(tried), rows.cols),
        scores(count, std::ssize(tried));
    for (Index i = 0; i < count; ++i)
      std::ranges::copy(rows.row(queries_.members[first + i]), members.view().row_data(i));
    for (Index t = 0; t < std::ssize(tried); ++t) {
      const auto centre = keys_.centres.view().row(tried[t]);
      std::ranges::copy(centre, centres.view().row_data(t));
      double square = double{keys_.square_radii[tried[t]]};
      for (const float x : centre) square += double{x} * double{x};
      for (Index i = 0; i < count; ++i) scores.view()(i, t) = static_cast<float>(-square / 2);
    }
    // -||query - key||² / 2 on average over the cell, but for the query's own square.
    add_product_by_transposed(members.view(), centres.view(), scores.view(), {.threads = 1});
    for (Index i = 0; i < count; ++i)
      for (Index rank = 0; rank < ranks_; ++rank) {
        const auto row = scores.view().row(i);
        const auto best = std::ranges::max_element(row);
        nearest[rank * std::ssize(queries_.members) + queries_.members[first + i]] =
            static_cast<std::int32_t>(tried[best - row.begin()]);
        *best = std::numeric_limits<float>::lowest();
      }
  }

  std::vector<Index> nearest_to_cell(Index group) const {
    AlignedMatrix<float> distances(1, keys_.count());
    distances_.find({&group, 1}, distances.view());
    const auto row = distances.view().row(0);
    std::vector<Index> cells(row.size());
    std::iota(cells.begin(), cells.end(), Index{0});
    const auto kept = std::min(kTried, std::ssize(cells));
    std::ranges::nth_element(cells, cells.begin() + kept - 1, {},
                             [&](Index cell) { return row[cell]; });
    cells.resize(static_cast<std::size_t>(kept));
    return cells;
  }

  const CentredPair& points_;
  const Cells &queries_, &keys_;
  const CellDistances& distances_;
  Index ranks_;
};

// Queries by their cell of keys, which gives keys [skipped, skipped + kLeafKeys) of its own.
Partition partition_of(std::span<const std::int32_t> cell_of, const Cells& keys, Index skipped) {
  Partition out{.keys = std::vector<std::int32_t>(static_cast<std::size_t>(keys.starts.back())),
                .queries = std::vector<std::int32_t>(cell_of.size())};
  std::iota(out.keys.begin(), out.keys.end(), 0);
  std::vector<Index> starts(keys.starts.size());
  for (const std::int32_t cell : cell_of) ++starts[cell + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  for (Index cell = 0; cell < keys.count(); ++cell) {
    const Index first = keys.starts[cell] + skipped;
    const Index count = std::min(kLeafKeys, keys.starts[cell + 1] - first);
    const Index queries = starts[cell + 1] - starts[cell];
    if (count > 0 && queries > 0) out.leaves.push_back({first, count, starts[cell], queries});
  }
  for (std::size_t i = 0; i < cell_of.size(); ++i)
    out.queries[starts[cell_of[i]]++] = static_cast<std::int32_t>(i);
  return out;
}

}  // namespace

std::vector<Partition> partitions_by_cells(const CentredPair& points, const Cells& queries,
                                           const Cells& keys, const CellDistances& distances,
                                           int ranks, const Context& context) {
  const std::vector<std::int32_t> nearest =
      Search(points, queries, keys, distances, ranks).run(context);
  const std::size_t n = queries.members.size();
  Index largest = 0;
  for (Index cell = 0; cell < keys.count(); ++cell)
    largest = std::max(largest, keys.starts[cell + 1] - keys.starts[cell]);
  std::vector<Partition> out;
  for (std::size_t first = 0; first < nearest.size(); first += n)
    for (Index skipped = 0; skipped < largest; skipped += kLeafKeys)
      out.push_back(partition_of(std::span(nearest).subspan(first, n), keys, skipped));
  return out;
}

}  // namespace prodigest::kernel
