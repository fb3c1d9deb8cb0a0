#include "kernel/exact_sums.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/parallel.hpp"
#include "kernel/kernel_tile.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kPanel = kLanes * kMostVectors;
constexpr Index kPanels = 2;   // that read a block of keys while it is near
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

// Up to kPanel queries side by side, and their sums.
class Panel {
 public:
  Panel(const CentredPoints& points, Index first, Index count, Index cols)
      : vectors_(static_cast<int>((count + kLanes - 1) / kLanes)),
        points_(points.rows.view().cols, kPanel),
        offsets_(kPanel, kNoQuery),
        sums_(static_cast<std::size_t>(cols * kPanel)) {
    for (Index l = 0; l < count; ++l) {
      const auto row = points.rows.view().row(first + l);
      for (std::size_t c = 0; c < row.size(); ++c)
        points_.data()[static_cast<Index>(c) * lanes() + l] = row[c];
      offsets_[static_cast<std::size_t>(l)] = points.offsets[static_cast<std::size_t>(first + l)];
    }
  }

  Index lanes() const { return kLanes * vectors_; }
  QueryPanel view() { return {points_.data(), offsets_.data(), vectors_}; }

  // The terms of a block of keys.
  void add(const KeyList& keys, MatrixView<const float> columns) {
    const Index dim = points_.view().rows;
    block_.assign(sums_.size(), 0);
    if (columns.rows == 1) {
      add_kernel_sums(view(), keys, dim, columns.data, block_.data());
    } else {
      values_.resize(kBlock * kPanel);
      kernel_values(view(), keys, dim, values_.data());
      add_weighted_values(columns, values_.data(), vectors_, block_.data());
    }
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += double{block_[i]};
  }
  double sum(Index query, Index column) const {
    return sums_[static_cast<std::size_t>(column * lanes() + query)];
  }

 private:
  int vectors_;
  AlignedMatrix<float> points_;
  std::vector<float> offsets_, block_{}, values_{};
  std::vector<double> sums_;  // m x lanes
};

}  // namespace

void multiply_exactly(const CentredPair& points, MatrixView<const double> x, MatrixView<double> y,
                      const Context& context) {
  const Weights weights(x);
  const auto key_rows = points.keys.rows.view();
  std::vector<const float*> rows;
  for (Index j = 0; j < x.rows; ++j) rows.push_back(key_rows.row_data(j));
  parallel_blocks(
      context, y.cols == 0 ? 0 : y.rows, kPanels * kPanel, [&](Index first, Index count) {
        std::vector<Panel> panels;
        for (Index at = 0; at < count; at += kPanel)
          panels.emplace_back(points.of_queries(), first + at, std::min(kPanel, count - at),
                              y.cols);
        for (Index j = 0; j < x.rows; j += kBlock) {
          const Index block = std::min(kBlock, x.rows - j);
          for (Panel& panel : panels)
            panel.add({rows.data() + j, points.keys.offsets.data() + j, block},
                      columns(weights.columns.view(), j, block));
        }
        for (Index i = 0; i < count; ++i)
          for (Index c = 0; c < y.cols; ++c)
            y(first + i, c) = panels[static_cast<std::size_t>(i / kPanel)].sum(i % kPanel, c) *
                              weights.scales[static_cast<std::size_t>(c)];
      });
}

}  // namespace prodigest::kernel
