#pragma once
// A few queries evaluated exactly, from which rates of sampling and the error they lead to are
// predicted for every x.

#include <cstdint>
#include <vector>

#include "kernel/cell_distances.hpp"
#include "kernel/near_keys.hpp"
#include "kernel/query_panels.hpp"
#include "kernel/rate_table.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {

/// A kernel value so much larger than its rate that the sampler does not scale it up.
inline constexpr float kSurprise = 16;

struct Surprise {
  Index row = 0;  ///< of the pilot
  Index cell = 0, key = 0;
  float value = 0;  ///< kernel value
};

/// Where errors are relative to the sums of rows, so are the kernel values here.
struct Pilot {
  std::vector<Index> groups{};         ///< cells of queries, each as often as its size makes likely
  Index rows_of_group = 0;             ///< queries evaluated of each
  Matrix<float> squares{};             ///< groups x key cells: sum over the keys of squared deviations
                                       ///< from the mean of `rates`, the mean over the queries; near
                                       ///< keys and surprises count as values of 0
  Matrix<float> rates{};               ///< deviations by a table made of the other half of the groups
  std::vector<Surprise> surprises{};
  double near_recall = 1;  ///< PlanReport::near_recall
  double row_sum = 1;  ///< typical row sum / the one that distances of cells make believe
  RateTable table{};   ///< of all groups
};

/// What the pilot looks at, keys cell by cell.
struct PilotInput {
  const CentredPair& points;
  const Cells &queries, &keys;
  const CellDistances& distances;
  const NearKeys& near;
  const std::vector<const float*>& key_rows;
  ErrorTarget target = ErrorTarget::kVector;
  Seed seed{};
};

/// @complexity max(48, min(128, n_q / 1024)) * 16 n kernel values
Pilot run_pilot(const PilotInput& input, const Context& context);

}  // namespace prodigest::kernel
