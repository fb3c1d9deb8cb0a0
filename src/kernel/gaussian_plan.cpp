#include "kernel/gaussian_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/parallel.hpp"
#include "kernel/nearest_cells.hpp"
#include "kernel/seconds.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kMostOfKeyCell = 2, kMostOfQueryCell = 2;  // times the size aimed at
constexpr Index kManyKeys = Index{1} << 18;                // for which eight trees miss too much
constexpr int kNearestCells = 4;                           // of a query, where it is no key
constexpr float kLeastNear = 1e-12F;

std::vector<Index> identity(Index n) {
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  return order;
}

CentredPoints in_order(const CentredPoints& points, const std::vector<Index>& order) {
  CentredPoints out{{points.rows.view().rows, points.rows.view().cols}, {}};
  out.offsets.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::ranges::copy(points.rows.view().row(order[i]),
                      out.rows.view().row_data(static_cast<Index>(i)));
    out.offsets.push_back(points.offsets[order[i]]);
  }
  return out;
}

Cells cells_of_queries(const CentredPair& points, const GaussianSpec& spec,
                       const Context& context) {
  const auto rows = points.of_queries().rows.view();
  const Index most = kMostOfQueryCell * spec.query_cell;
  if (points.same) return find_cells_in_order(rows, spec.query_cell, most, context);
  return find_cells(rows, spec.query_cell, most, {spec.seed.value + 1}, context);
}

// Near keys have about the same share of every row's sum. Without any, the sum is what is typical
// of the cell.
std::vector<float> scales_of_rows(const GaussianPlan& plan) {
  std::vector<float> scales(static_cast<std::size_t>(plan.queries()), 1.0F);
  if (plan.spec.target != ErrorTarget::kRowRelative) return scales;
  for (Index group = 0; group < plan.query_cells.count(); ++group) {
    const auto typical =
        static_cast<float>(std::exp2(double{plan.distances.log2_sum(group)}) * plan.pilot.row_sum);
    for (Index i = plan.query_cells.starts[group]; i < plan.query_cells.starts[group + 1]; ++i) {
      const Index place = plan.query_cells.members[i];
      const auto first = plan.near.values.begin() + place * plan.near.near;
      const float sum = std::accumulate(first, first + plan.near.counts[place], 0.0F);
      scales[place] = sum > 0 ? sum / static_cast<float>(plan.pilot.near_share) : typical;
    }
  }
  return scales;
}

}  // namespace

void complete_cells(GaussianPlan& plan, const Context& context) {
  const auto rows = plan.points.keys.rows.view();
  plan.key_rows.clear();
  for (Index i = 0; i < rows.rows; ++i) plan.key_rows.push_back(rows.row_data(i));
  if (!plan.can_sample()) return;
  plan.distances = CellDistances(plan.query_cells, plan.key_cells,
                                 plan.spec.target == ErrorTarget::kRowRelative, context);
  plan.panels =
      QueryPanels(plan.points.of_queries(), plan.query_cells.members, plan.query_cells.starts);
}

void complete_plan(GaussianPlan& plan) {
  PlanReport& report = plan.report;
  const Index floats = (plan.points.keys.rows.view().rows + plan.points.queries.rows.view().rows) *
                       (padded(plan.points.dim) + 1);
  report.bytes = 4 * floats + 8 * (plan.keys() + plan.queries());
  if (!plan.can_sample()) return;
  plan.row_scales = scales_of_rows(plan);
  report.key_cells = plan.key_cells.count();
  report.query_cells = plan.query_cells.count();
  const double near = std::accumulate(plan.near.counts.begin(), plan.near.counts.end(), 0.0);
  report.near_pairs = near / static_cast<double>(plan.queries());
  report.near_recall = plan.pilot.near_recall;
  const Index panels = 4 * plan.queries() * (plan.points.dim + 1);
  const Index cells = 4 * padded(plan.points.dim) * (report.key_cells + report.query_cells);
  const auto pilot = static_cast<Index>(8 * plan.pilot.squares.storage.size());
  report.bytes += panels + cells + pilot + 8 * plan.queries() * plan.near.near;
}

GaussianPlan make_plan(CentredPair points, const GaussianSpec& spec, bool sample,
                       const Context& context) {
  const Seconds whole;
  GaussianPlan plan{.spec = spec, .points = std::move(points)};
  const Index n_q = plan.points.of_queries().rows.view().rows;
  plan.key_order = identity(plan.points.keys.rows.view().rows);
  plan.query_order = identity(n_q);
  if (sample && n_q > 0) {
    plan.key_cells = find_cells(plan.points.keys.rows.view(), spec.key_cell,
                                kMostOfKeyCell * spec.key_cell, spec.seed, context);
    plan.key_order.swap(plan.key_cells.members);  // leaves 0, 1, 2, ...
    plan.points.keys = in_order(plan.points.keys, plan.key_order);
    plan.query_cells = cells_of_queries(plan.points, spec, context);
    if (plan.points.same) {
      plan.query_order = plan.key_order;
    } else {
      plan.query_order.swap(plan.query_cells.members);
      plan.points.queries = in_order(plan.points.queries, plan.query_order);
    }
  }
  complete_cells(plan, context);
  if (plan.can_sample()) {
    const Seconds search;
    const Index trees = spec.trees > 0 ? spec.trees : plan.keys() < kManyKeys ? 8 : 16;
    // Errors relative to sums of rows make small kernel values matter where sums are small.
    const float least = spec.target == ErrorTarget::kRowRelative ? 0 : kLeastNear;
    std::vector<Partition> more;
    if (!plan.points.same && spec.near > 0)
      more = partitions_by_cells(plan.points, plan.query_cells, plan.key_cells, plan.distances,
                                 kNearestCells, context);
    plan.near = find_near_keys(
        plan.points, {.near = spec.near, .trees = trees, .least = least, .seed = spec.seed}, more,
        context);
    plan.report.near_seconds = search.passed();
    plan.pilot = run_pilot({.points = plan.points,
                            .queries = plan.query_cells,
                            .keys = plan.key_cells,
                            .distances = plan.distances,
                            .near = plan.near,
                            .key_rows = plan.key_rows,
                            .target = spec.target,
                            .seed = spec.seed},
                           context);
  }
  complete_plan(plan);
  plan.report.seconds = whole.passed();
  return plan;
}

}  // namespace prodigest::kernel
