#include "kernel/neighbour_pass.hpp"

#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/parallel.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kHops = 14;     // of its keys that a query is expanded through
constexpr Index kTargets = 48;  // of a key
constexpr Index kQueriesAtOnce = 512;

// The list of a query.
struct ListRef {
  std::span<const std::int32_t> keys;
  std::span<const float> values;
};
ListRef list_of(const NearKeys& lists, Index query) {
  const auto at = static_cast<std::size_t>(query * lists.near);
  const auto count = static_cast<std::size_t>(lists.counts[static_cast<std::size_t>(query)]);
  return {std::span(lists.keys).subspan(at, count), std::span(lists.values).subspan(at, count)};
}

float kernel_of(float square_distance) { return std::exp2(-0.5F * square_distance); }

// What one thread works in.
class Expansion {
 public:
  Expansion(const CentredPair& points, const KeyGraph& graph, NearLimits limits, NearKeys& lists)
      : points_(points),
        graph_(graph),
        limits_(limits),
        lists_(lists),
        seen_by_(graph.counts.size(), -1),
        candidates_(static_cast<std::size_t>(kHops * graph.most + 1)),
        distances_(candidates_.size()),
        merged_(lists.near + kHops * graph.most),
        best_(lists.near) {}

  void expand(std::int32_t query) {
    const ListRef list = list_of(lists_, query);
    const RowList candidates = find_candidates(query, list);
    square_distances_of_listed_rows(points_.keys.rows.view(), candidates,
                                    points_.of_queries().rows.view().row_data(query),
                                    distances_.data());
    const Extremes listed = extremes_of(list.values);
    const auto distances = std::span(distances_).first(candidates.size());
    const float nearest =
        distances.empty() ? std::numeric_limits<float>::infinity() : std::ranges::min(distances);
    const float largest = std::max(listed.largest, kernel_of(nearest));
    float least = std::max(limits_.least, limits_.share * largest);
    merged_.count = 0;
    append_at_least(list.keys, list.values.data(), least, merged_);
    if (std::ssize(list.keys) == lists_.near) least = std::max(least, listed.smallest);
    const float farthest = -2 * std::log2(least);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (distances[i] <= farthest) merged_.push(candidates[i], kernel_of(distances[i]));
    keep_largest(lists_.near, merged_);
    const auto at = static_cast<std::size_t>(query * lists_.near);
    lists_.counts[static_cast<std::size_t>(query)] = static_cast<std::int32_t>(merged_.count);
    write_by_key(merged_, &lists_.keys[at], &lists_.values[at]);
  }

 private:
  RowList find_candidates(std::int32_t query, const ListRef& list) {
    for (const std::int32_t key : list.keys) seen_by_[static_cast<std::size_t>(key)] = query;
    best_.count = 0;
    append_at_least(list.keys, list.values.data(), 0, best_);
    keep_largest(kHops, best_);
    std::size_t count = 0;
    for (Index hop = 0; hop < best_.count; ++hop) {
      const auto key = static_cast<std::size_t>(best_.keys[static_cast<std::size_t>(hop)]);
      const auto targets = std::span(graph_.targets)
                               .subspan(key * static_cast<std::size_t>(graph_.most),
                                        static_cast<std::size_t>(graph_.counts[key]));
      for (const std::int32_t target : targets) {  // without a branch
        std::int32_t& seen = seen_by_[static_cast<std::size_t>(target)];
        candidates_[count] = target;
        count += seen != query;
        seen = query;
      }
    }
    return RowList(candidates_).first(count);
  }

  const CentredPair& points_;
  const KeyGraph& graph_;
  NearLimits limits_;
  NearKeys& lists_;
  std::vector<std::int32_t> seen_by_;
  std::vector<std::int32_t> candidates_;
  std::vector<float> distances_;
  ListScratch merged_, best_;
};

}  // namespace

KeyGraph find_key_graph(const NearKeys& lists, const Context& context) {
  const auto n = lists.counts.size();
  KeyGraph graph{.most = std::min(kTargets, lists.near)};
  graph.counts.resize(n);
  graph.targets.resize(n * static_cast<std::size_t>(graph.most));
  parallel_blocks(context, std::ssize(lists.counts), kQueriesAtOnce, [&](Index first, Index count) {
    ListScratch best(lists.near);
    for (Index key = first; key < first + count; ++key) {
      const ListRef list = list_of(lists, key);
      best.count = 0;
      append_at_least(list.keys, list.values.data(), 0, best);
      keep_largest(graph.most, best);
      graph.counts[static_cast<std::size_t>(key)] = static_cast<std::int32_t>(best.count);
      std::copy_n(best.keys.begin(), best.count,
                  graph.targets.begin() + static_cast<std::ptrdiff_t>(key * graph.most));
    }
  });
  return graph;
}

void expand_lists(const CentredPair& points, const KeyGraph& graph, RowList order,
                  NearLimits limits, NearKeys& lists, const Context& context) {
  tbb::enumerable_thread_specific<Expansion> expansion(
      [&] { return Expansion(points, graph, limits, lists); });
  parallel_blocks(context, std::ssize(order), kQueriesAtOnce, [&](Index first, Index count) {
    Expansion& here = expansion.local();
    for (const std::int32_t query :
         order.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)))
      here.expand(query);
  });
}

}  // namespace prodigest::kernel
