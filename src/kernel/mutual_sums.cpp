#include "kernel/mutual_sums.hpp"

#include <algorithm>
#include <numeric>

#include "core/parallel.hpp"
#include "kernel/query_panels.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kBlock = 5 * kLanes * kMostVectors;  // points: whole panels and tiles, in the cache

class MutualSums {
 public:
  MutualSums(const CentredPoints& points, const float* weights)
      : points_(points), weights_(weights), sums_(points.offsets.size()) {
    const auto rows = points.rows.view();
    std::vector<Index> members(points.offsets.size()), starts;
    std::iota(members.begin(), members.end(), Index{0});
    for (Index first = 0; first < rows.rows; first += kBlock) starts.push_back(first);
    starts.push_back(rows.rows);
    panels_ = QueryPanels(points, members, starts);
    for (Index i = 0; i < rows.rows; ++i) rows_.push_back(rows.row_data(i));
  }

  Index blocks() const { return panels_.groups(); }
  // Terms of pairs within a block.
  void add_block(Index block) {
    panels_.for_panels(block, [&](const QueryPanel& panel, Index lane) {
      std::vector<float> sums(static_cast<std::size_t>(panel.lanes()));
      add_kernel_sums(panel, keys(block), dim(), weights_ + block * kBlock, sums.data());
      add(block * kBlock + lane, sums);
    });
  }
  // Terms of pairs of points of two blocks, to the sums of both.
  void add_blocks(Index one, Index other) {
    const KeyList list = keys(other);
    std::vector<float> key_lanes(static_cast<std::size_t>(list.count * kLanes));
    panels_.for_panels(one, [&](const QueryPanel& panel, Index lane) {
      const Index first = one * kBlock + lane;
      std::vector<float> sums(static_cast<std::size_t>(panel.lanes()));
      add_mutual_sums(panel, list, dim(), weights_ + other * kBlock, sums.data(), weights_ + first,
                      key_lanes.data());
      add(first, sums);
    });
    for (Index j = 0; j < list.count; ++j) {
      const float* const lanes = key_lanes.data() + j * kLanes;
      sums_[static_cast<std::size_t>(other * kBlock + j)] +=
          double{std::accumulate(lanes, lanes + kLanes, 0.0F)};
    }
  }
  std::vector<double> take() { return std::move(sums_); }

 private:
  Index dim() const { return points_.rows.view().cols; }
  KeyList keys(Index block) const {
    const Index first = block * kBlock;
    return {rows_.data() + first, points_.offsets.data() + first,
            std::min(kBlock, std::ssize(rows_) - first)};
  }
  void add(Index first, const std::vector<float>& lanes) {
    const Index count = std::min(std::ssize(lanes), std::ssize(sums_) - first);
    for (Index l = 0; l < count; ++l)
      sums_[static_cast<std::size_t>(first + l)] += double{lanes[static_cast<std::size_t>(l)]};
  }

  const CentredPoints& points_;
  const float* weights_;
  QueryPanels panels_{};
  std::vector<const float*> rows_{};
  std::vector<double> sums_;
};

}  // namespace

std::vector<double> mutual_sums(const CentredPoints& points, const float* weights,
                                const Context& context) {
  MutualSums sums(points, weights);
  const Context quiet{.threads = context.threads, .cancel = context.cancel};
  parallel_blocks(quiet, sums.blocks(), 1, [&](Index block, Index) { sums.add_block(block); });
  // As in a tournament: in each round a block meets one other, so that no two threads add to the
  // same sum, and terms are added in the order of rounds. The last block stays, the others turn.
  const Index players = sums.blocks() + sums.blocks() % 2, turning = players - 1;
  for (Index round = 0; round < turning; ++round) {
    parallel_blocks(quiet, players / 2, 1, [&](Index k, Index) {
      const Index one = k == 0 ? turning : (round + k) % turning;
      const Index other = (round + turning - k) % turning;
      if (std::max(one, other) < sums.blocks())
        sums.add_blocks(std::min(one, other), std::max(one, other));
    });
    if (context.progress) context.progress(std::ssize(points.offsets) * (round + 1) / turning);
  }
  return sums.take();
}

}  // namespace prodigest::kernel
