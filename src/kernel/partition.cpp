#include "kernel/partition.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "core/draws.hpp"
#include "core/parallel.hpp"
#include "kernel/listed_rows.hpp"
#include "kernel/two_means.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kSample = 192;         // keys that a plane is found from
constexpr Index kThinnest = 32;        // a part is at least 1 / kThinnest of a node
constexpr Index kSubtreeKeys = 16384;  // so few are in the cache, and one thread's work

struct Node {
  Index tree = 0;
  Leaf points{};
  std::uint32_t depth = 0;
};

// A point and where it is along a direction.
struct Placed {
  float product = 0;
  std::int32_t point = 0;
  friend bool operator<(const Placed& a, const Placed& b) {
    return a.product != b.product ? a.product < b.product : a.point < b.point;
  }
};

std::span<std::int32_t> part(std::vector<std::int32_t>& of, Index first, Index count) {
  return std::span(of).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
}

// Splits nodes of at most the size of the first one.
class Splitter {
 public:
  Splitter(const CentredPair& points, Seed seed, std::vector<Partition>& partitions)
      : points_(points), seed_(seed), partitions_(partitions) {}

  // The two parts of a node.
  std::array<Node, 2> split(const Node& node) {
    Partition& partition = partitions_[static_cast<std::size_t>(node.tree)];
    const Leaf& all = node.points;
    const auto keys = part(partition.keys, all.first_key, all.keys);
    draw_sample(node, keys);
    find_plane(points_.keys.rows.view(), sample_, plane_);
    const Index cut = cut_keys(keys);
    Leaf low{all.first_key, cut, all.first_query, 0};
    if (!points_.same) {
      low.queries = static_cast<Index>(static_cast<double>(all.queries) *
                                       (static_cast<double>(cut) / static_cast<double>(all.keys)));
      cut_queries(part(partition.queries, all.first_query, all.queries), low.queries);
    } else {
      low.queries = cut;
    }
    const Leaf high{all.first_key + low.keys, all.keys - low.keys, all.first_query + low.queries,
                    all.queries - low.queries};
    return {Node{node.tree, low, node.depth + 1}, Node{node.tree, high, node.depth + 1}};
  }

 private:
  // With replacement; nodes of a depth are disjoint, so that no two draw the same numbers.
  void draw_sample(const Node& node, std::span<const std::int32_t> keys) {
    const auto size = static_cast<std::size_t>(std::min(kSample, node.points.keys));
    rows_.resize(size);
    words_.resize(size);
    sample_.resize(size);
    const Index n = points_.keys.rows.view().rows;
    std::iota(rows_.begin(), rows_.end(),
              static_cast<RowId>(node.tree * n + node.points.first_key));
    random_words(seed_, Domain::kKernelPartition, rows_, node.depth, words_, {});
    for (std::size_t i = 0; i < size; ++i)  // fewer than 2^32 keys
      sample_[i] = keys[((words_[i] >> 32) * keys.size()) >> 32];
  }

  // Moves the keys of the near side to the front, in order.  @return how many
  Index cut_keys(std::span<std::int32_t> keys) {
    products_.resize(keys.size());
    multiply_listed_rows(points_.keys.rows.view(), keys, plane_.direction.data(), products_.data());
    const auto size = std::ssize(keys);
    const auto far = std::count_if(products_.begin(), products_.end(),
                                   [&](float product) { return product > plane_.threshold; });
    const auto thinnest = std::max<Index>(1, size / kThinnest);
    if (far < thinnest || size - far < thinnest) {
      cut_placed(keys, size / 2);
      return size / 2;
    }
    beyond_.resize(keys.size());
    std::size_t low = 0, high = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {  // without a branch
      const bool is_far = products_[i] > plane_.threshold;
      beyond_[high] = keys[i];
      keys[low] = keys[i];
      high += is_far;
      low += !is_far;
    }
    std::copy_n(beyond_.begin(), high, keys.begin() + static_cast<std::ptrdiff_t>(low));
    return static_cast<Index>(low);
  }

  void cut_queries(std::span<std::int32_t> queries, Index low) {
    products_.resize(queries.size());
    multiply_listed_rows(points_.queries.rows.view(), queries, plane_.direction.data(),
                         products_.data());
    cut_placed(queries, low);
  }

  // Moves the `low` points of the smallest products_ to the front.
  void cut_placed(std::span<std::int32_t> ids, Index low) {
    placed_.resize(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) placed_[i] = {products_[i], ids[i]};
    std::nth_element(placed_.begin(), placed_.begin() + low, placed_.end());
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = placed_[i].point;
  }

  const CentredPair& points_;
  Seed seed_;
  std::vector<Partition>& partitions_;
  Plane plane_{};
  std::vector<RowId> rows_{};
  std::vector<std::uint64_t> words_{};
  std::vector<std::int32_t> sample_{}, beyond_{};
  std::vector<float> products_{};
  std::vector<Placed> placed_{};
};

bool is_leaf(const Node& node) { return node.points.keys <= kLeafKeys; }

// The leaves below a node.
std::vector<Node> leaves_of(const Node& root, Splitter& splitter) {
  std::vector<Node> open{root}, leaves;
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (is_leaf(node))
      leaves.push_back(node);
    else
      for (const Node& child : splitter.split(node)) open.push_back(child);
  }
  return leaves;
}

}  // namespace

std::vector<Partition> find_partitions(const CentredPair& points, Index trees, Seed seed,
                                       const Context& context) {
  const Index n = points.keys.rows.view().rows;
  const Index n_q = points.of_queries().rows.view().rows;
  std::vector<Partition> partitions(static_cast<std::size_t>(trees));
  std::vector<Node> open;
  for (Index tree = 0; tree < trees; ++tree) {
    Partition& partition = partitions[static_cast<std::size_t>(tree)];
    partition.keys.resize(static_cast<std::size_t>(n));
    std::iota(partition.keys.begin(), partition.keys.end(), 0);
    if (!points.same) {
      partition.queries.resize(static_cast<std::size_t>(n_q));
      std::iota(partition.queries.begin(), partition.queries.end(), 0);
    }
    open.push_back({tree, {0, n, 0, n_q}, 0});
  }
  // Large nodes of all trees a depth at a time, then what is below small ones.
  const Context quiet{.threads = context.threads, .cancel = context.cancel};
  while (!open.empty()) {
    std::vector<std::vector<Node>> below(open.size());
    parallel_blocks(quiet, std::ssize(open), 1, [&](Index at, Index) {
      const Node& node = open[static_cast<std::size_t>(at)];
      Splitter splitter(points, seed, partitions);
      auto& found = below[static_cast<std::size_t>(at)];
      if (node.points.keys <= kSubtreeKeys) {
        found = leaves_of(node, splitter);
      } else {
        const auto children = splitter.split(node);
        found.assign(children.begin(), children.end());
      }
    });
    open.clear();
    for (const auto& found : below)
      for (const Node& node : found)
        if (is_leaf(node))
          partitions[static_cast<std::size_t>(node.tree)].leaves.push_back(node.points);
        else
          open.push_back(node);
  }
  for (Partition& partition : partitions) std::ranges::sort(partition.leaves, {}, &Leaf::first_key);
  return partitions;
}

}  // namespace prodigest::kernel
