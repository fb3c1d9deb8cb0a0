#include "kernel/exact_sums.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/parallel.hpp"
#include "kernel/kernel_tile.hpp"
#include "kernel/mutual_sums.hpp"
#include "kernel/query_panels.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kPanel = kLanes * kMostVectors;
constexpr Index kQueries = 2 * kPanel;  // that read a block of keys while it is near
constexpr Index kBlock = 240;  // keys whose terms are summed in float: whole tiles, in the cache

// x, transposed, each column divided by its largest entry so that floats hold it.
struct Weights {
  explicit Weights(MatrixView<const double> x)
      : columns(x.cols, x.rows), scales(static_cast<std::size_t>(x.cols)) {
    for (Index i = 0; i < x.rows; ++i)
      for (std::size_t c = 0; c < scales.size(); ++c)
        scales[c] = std::max(scales[c], std::abs(x.row(i)[c]));
    for (std::size_t c = 0; c < scales.size(); ++c) {
      const auto column = columns.view().row(static_cast<Index>(c));
      if (scales[c] > 0)
        for (Index i = 0; i < x.rows; ++i)
          column[static_cast<std::size_t>(i)] = static_cast<float>(x.row(i)[c] / scales[c]);
    }
  }

  AlignedMatrix<float> columns;  // m x n
  std::vector<double> scales;
};

// Sums of some queries, panel by panel, and room for those of a block of keys.
class Sums {
 public:
  Sums(Index dim, Index cols)
      : dim_(dim),
        values_(cols == 1 ? 0 : kBlock * kPanel),
        block_(static_cast<std::size_t>(cols * kPanel)),
        sums_(static_cast<std::size_t>(cols * kQueries)) {}

  void add(const QueryPanel& panel, Index first_lane, const KeyList& keys,
           MatrixView<const float> columns) {
    std::ranges::fill(block_, 0.0F);
    if (columns.rows == 1) {
      add_kernel_sums(panel, keys, dim_, columns.data, block_.data());
    } else {
      kernel_values(panel, keys, dim_, values_.data());
      add_weighted_values(columns, values_.data(), panel.vectors, block_.data());
    }
    double* const sums = sums_.data() + first_lane * columns.rows;
    for (Index i = 0; i < columns.rows * panel.lanes(); ++i)
      sums[i] += double{block_[static_cast<std::size_t>(i)]};
  }
  // Of a query of the panel and a column of x.
  const double* of(const QueryPanel& panel, Index first_lane, Index cols, Index column) const {
    return sums_.data() + first_lane * cols + column * panel.lanes();
  }

 private:
  Index dim_;
  std::vector<float> values_, block_;
  std::vector<double> sums_;
};

}  // namespace

void multiply_exactly(const CentredPoints& queries, const CentredPoints& keys,
                      MatrixView<const double> x, MatrixView<double> y, const Context& context) {
  if (y.rows == 0 || y.cols == 0) return;
  const Weights weights(x);
  const auto key_rows = keys.rows.view();
  std::vector<const float*> rows;
  for (Index j = 0; j < x.rows; ++j) rows.push_back(key_rows.row_data(j));
  parallel_blocks(context, y.rows, kQueries, [&](Index first, Index count) {
    std::vector<Index> members(static_cast<std::size_t>(count));
    std::iota(members.begin(), members.end(), first);
    const QueryPanels panels(queries, members, std::vector<Index>{0, count});
    Sums sums(key_rows.cols, x.cols);
    for (Index j = 0; j < x.rows; j += kBlock) {
      const Index block = std::min(kBlock, x.rows - j);
      panels.for_panels(0, [&](const QueryPanel& panel, Index lane) {
        sums.add(panel, lane, {rows.data() + j, keys.offsets.data() + j, block},
                 columns(weights.columns.view(), j, block));
      });
    }
    panels.for_panels(0, [&](const QueryPanel& panel, Index lane) {
      for (Index c = 0; c < y.cols; ++c) {
        const double* const column = sums.of(panel, lane, y.cols, c);
        for (Index l = 0; l < std::min(panel.lanes(), count - lane); ++l)
          y(first + lane + l, c) = column[l] * weights.scales[static_cast<std::size_t>(c)];
      }
    });
  });
}

void multiply_exactly(const CentredPair& points, MatrixView<const double> x, MatrixView<double> y,
                      const Context& context) {
  if (!points.same || y.rows == 0 || x.cols != 1)
    return multiply_exactly(points.of_queries(), points.keys, x, y, context);
  const Weights weights(x);
  const std::vector<double> sums = mutual_sums(points.keys, weights.columns.view().data, context);
  for (Index i = 0; i < y.rows; ++i)
    y(i, 0) = sums[static_cast<std::size_t>(i)] * weights.scales[0];
}

}  // namespace prodigest::kernel
