#pragma once
// The rows of a least squares problem, as they lie in a digest.

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "core/parallel.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::regression {

/// Sum over t of weight_t (a_t x + constant_t x0 - target_t)², where a_t is a row of `values`.
struct WeightedRows {
  RowsView values;
  std::vector<Index> positions;    // [t] of the rows in `values`
  std::optional<Index> skipped{};  // column of `values` that is the constant, not one of x
  std::vector<double> weights;     // [t] positive
  std::optional<std::vector<double>> constant{};  // [t]; nothing: no x0
  std::vector<double> target;                     // [t]

  Index size() const { return std::ssize(positions); }
  Index cols() const { return cols_of(values) - (skipped ? 1 : 0); }
  bool has_constant() const { return constant.has_value(); }
  double constant_at(Index t) const {
    return constant ? (*constant)[static_cast<std::size_t>(t)] : 0;
  }
};

/// How columns are laid down before they meet: a_tj becomes (a_tj - constant_t mean_j) * scale_j.
struct Centring {
  std::vector<double> means;
  std::vector<double> scales;
};

/// Rows [first, first + count), centred.  @shape -> count x cols
Matrix<double> panel(const WeightedRows& rows, const Centring& centring, Index first, Index count);

inline constexpr Index kPanelRows = 512;

/// Column `column` of the rows at `positions`.
std::vector<double> column_at(const RowsView& values, std::span<const Index> positions,
                              Index column);

/// Sums of `length` numbers over panels of rows; body(first, count, sums) adds those of one panel.
/// The same bits for any number of threads.
template <class Body>
std::vector<double> sum_over_panels(Index rows, Index length, const Context& context,
                                    const Body& body) {
  const auto panels = static_cast<std::size_t>((rows + kPanelRows - 1) / kPanelRows);
  std::vector<std::vector<double>> parts(panels);
  parallel_blocks(context, rows, kPanelRows, [&](Index first, Index count) {
    std::vector<double>& part = parts[static_cast<std::size_t>(first / kPanelRows)];
    part.resize(static_cast<std::size_t>(length));
    body(first, count, std::span(part));
  });
  std::vector<double> sums(static_cast<std::size_t>(length));
  for (const std::vector<double>& part : parts)
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += part[j];
  return sums;
}

}  // namespace prodigest::regression
