#pragma once
// What a GaussianOperator knows of its points.

#include <vector>

#include "kernel/cell_distances.hpp"
#include "kernel/near_keys.hpp"
#include "kernel/pilot.hpp"
#include "kernel/query_panels.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {

/// Keys stand cell after cell, queries too unless they are keys: by place, not by the caller's row.
struct GaussianPlan {
  GaussianSpec spec{};
  CentredPair points{};
  std::vector<Index> key_order{}, query_order{};  ///< the caller's row of each place
  Cells key_cells{};                              ///< members are 0, 1, 2, ...
  Cells query_cells{};                            ///< members are places of queries
  NearKeys near{};
  Pilot pilot{};
  PlanReport report{};

  // Made from the above.
  CellDistances distances{};
  std::vector<const float*> key_rows{};
  QueryPanels panels{};
  std::vector<float> row_scales{};  ///< [n_q] what errors of rows are relative to: 1, or about the
                                    ///< sum of the row

  Index queries() const { return static_cast<Index>(query_order.size()); }
  Index keys() const { return static_cast<Index>(key_order.size()); }
  /// Whether there is more than points, so that products can be sampled.
  bool can_sample() const { return query_cells.count() > 0; }
};

/// @param sample whether to prepare for sampled products
GaussianPlan make_plan(CentredPair points, const GaussianSpec& spec, bool sample,
                       const Context& context);

/// Fills in what follows from points and cells.
void complete_cells(GaussianPlan& plan, const Context& context);
/// Fills in what follows from near keys and the pilot, and counts for the report.
void complete_plan(GaussianPlan& plan);

}  // namespace prodigest::kernel
