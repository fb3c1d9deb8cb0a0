#include "kernel/leaf_pairs.hpp"

#include <algorithm>
#include <array>

#include "core/parallel.hpp"
#include "kernel/kernel_tile.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kPanelKeys = kLanes * kMostVectors;
constexpr Index kMostPanels = (kLeafKeys + kPanelKeys - 1) / kPanelKeys;
constexpr Index kQueries = 128;  // whose values with the keys of a leaf are in the second cache
constexpr Index kLeavesAtOnce = 4;
constexpr std::size_t kAhead = 3;    // of the list in work, so many queries, lists are fetched
constexpr Index kLineEntries = 16;   // of a line of the cache
constexpr float kRounding = 0.999F;  // values of a pair in two leaves may differ, but not so much

// What one thread works in. The tile is symmetric: here the keys of a leaf are its panels, so that
// the values of a query lie side by side.
class LeafWork {
 public:
  LeafWork(const LeafPairs& pairs, const std::int32_t* places, NearLimits limits, NearKeys& lists)
      : pairs_(pairs),
        places_(places),
        limits_(limits),
        lists_(lists),
        points_(kMostPanels, kPanelKeys * padded(pairs.dim)),
        values_(kMostPanels, kPanelKeys * kQueries),
        merged_(lists.near + kLeafKeys) {}

  void add(const Leaf& leaf) {
    if (leaf.queries == 0) return;
    gather_keys(leaf);
    for (Index first = 0; first < leaf.queries; first += kQueries) {
      const Index count = std::min(kQueries, leaf.queries - first);
      const auto queries = pairs_.query_list.subspan(
          static_cast<std::size_t>(leaf.first_query + first), static_cast<std::size_t>(count));
      evaluate(queries);
      for (std::size_t i = 0; i < queries.size(); ++i) {
        prefetch_list(queries[std::min(i + kAhead, queries.size() - 1)]);
        merge(leaf, queries[i], static_cast<Index>(i));
      }
    }
  }

 private:
  void prefetch_list(std::int32_t query) const {
    const Index first = query * lists_.near;
    for (Index at = first; at < first + lists_.near; at += kLineEntries) {
      __builtin_prefetch(&lists_.keys[static_cast<std::size_t>(at)], 1);
      __builtin_prefetch(&lists_.values[static_cast<std::size_t>(at)], 1);
    }
  }

  void gather_keys(const Leaf& leaf) {
    keys_ = pairs_.key_list.subspan(static_cast<std::size_t>(leaf.first_key),
                                    static_cast<std::size_t>(leaf.keys));
    const auto rows = pairs_.keys.rows.view();
    panels_ = (leaf.keys + kPanelKeys - 1) / kPanelKeys;
    for (Index p = 0; p < panels_; ++p) {
      const Index first = p * kPanelKeys;
      const Index count = std::min(kPanelKeys, leaf.keys - first);
      const int vectors = static_cast<int>((count + kLanes - 1) / kLanes);
      const Index lanes = kLanes * vectors;
      float* const to = points_.view().row_data(p);
      float* const offsets = offsets_[static_cast<std::size_t>(p)].data();
      std::fill_n(offsets, lanes, kNoQuery);
      const auto keys =
          keys_.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
      transpose_listed_rows(rows, keys, lanes, to);
      for (std::size_t l = 0; l < keys.size(); ++l)
        offsets[l] = pairs_.keys.offsets[static_cast<std::size_t>(keys[l])];
      panel_[static_cast<std::size_t>(p)] = {to, offsets, vectors};
    }
  }

  void evaluate(RowList queries) {
    const auto rows = pairs_.queries.rows.view();
    for (std::size_t i = 0; i < queries.size(); ++i) {
      query_rows_[i] = rows.row_data(queries[i]);
      query_offsets_[i] = pairs_.queries.offsets[static_cast<std::size_t>(queries[i])];
    }
    for (Index p = 0; p < panels_; ++p)
      kernel_values(panel_[static_cast<std::size_t>(p)],
                    {query_rows_.data(), query_offsets_.data(), std::ssize(queries)}, pairs_.dim,
                    values_.view().row_data(p));
  }

  // Of a query with the keys of a panel.
  std::span<const float> values_of(Index p, Index row) {
    const Index lanes = panel_[static_cast<std::size_t>(p)].lanes();
    return {values_.view().row_data(p) + row * lanes,
            static_cast<std::size_t>(std::min(kPanelKeys, std::ssize(keys_) - p * kPanelKeys))};
  }

  // Keys of the list that are in the leaf come again from there, so none is twice in the list.
  void merge(const Leaf& leaf, std::int32_t query, Index row) {
    const Index near = lists_.near;
    std::int32_t& count = lists_.counts[static_cast<std::size_t>(query)];
    const auto at = static_cast<std::size_t>(query * near);
    const auto size = static_cast<std::size_t>(count);
    const auto keys = std::span(lists_.keys).subspan(at, size);
    const auto values = std::span(lists_.values).subspan(at, size);
    const Extremes listed = extremes_of(values);
    float largest = listed.largest;
    for (Index p = 0; p < panels_; ++p)
      largest = std::max(largest, extremes_of(values_of(p, row)).largest);
    float least = std::max(limits_.least, limits_.share * largest);
    merged_.count = 0;
    append_elsewhere(keys, values.data(), least, {places_, leaf.first_key, leaf.keys}, merged_);
    if (count == near) least = std::max(least, kRounding * listed.smallest);
    for (Index p = 0; p < panels_; ++p) {
      const auto found = values_of(p, row);
      append_at_least(keys_.subspan(static_cast<std::size_t>(p * kPanelKeys), found.size()),
                      found.data(), least, merged_);
    }
    keep_largest(near, merged_);
    count = static_cast<std::int32_t>(merged_.count);
    std::copy_n(merged_.keys.begin(), merged_.count,
                lists_.keys.begin() + static_cast<std::ptrdiff_t>(at));
    std::copy_n(merged_.values.begin(), merged_.count,
                lists_.values.begin() + static_cast<std::ptrdiff_t>(at));
  }

  const LeafPairs& pairs_;
  const std::int32_t* places_;
  NearLimits limits_;
  NearKeys& lists_;
  RowList keys_{};
  Index panels_ = 0;
  std::array<QueryPanel, kMostPanels> panel_{};
  AlignedMatrix<float> points_, values_;
  std::array<std::array<float, kPanelKeys>, kMostPanels> offsets_{};
  std::array<const float*, kQueries> query_rows_{};
  std::array<float, kQueries> query_offsets_{};
  ListScratch merged_;
};

}  // namespace

void add_leaf_pairs(const LeafPairs& pairs, NearLimits limits, NearKeys& lists,
                    const Context& context) {
  std::vector<std::int32_t> places(pairs.key_list.size());  // of keys in key_list
  for (std::size_t i = 0; i < places.size(); ++i)
    places[static_cast<std::size_t>(pairs.key_list[i])] = static_cast<std::int32_t>(i);
  parallel_blocks(context, std::ssize(pairs.leaves), kLeavesAtOnce, [&](Index first, Index count) {
    LeafWork work(pairs, places.data(), limits, lists);
    for (const Leaf& leaf :
         std::span(pairs.leaves)
             .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)))
      work.add(leaf);
  });
}

}  // namespace prodigest::kernel
