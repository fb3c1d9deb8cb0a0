#pragma once
// Products of chosen cells of queries with sampled keys.

#include <span>

#include "kernel/gaussian_plan.hpp"
#include "kernel/scaled_columns.hpp"

namespace prodigest::kernel {

struct GroupOptions {
  float lambda = 0;
  Seed seed{};
  bool clip = true;  ///< whether values far above their rate are not scaled up; without it the
                     ///< product has no bias
};

class GroupProducts {
 public:
  GroupProducts(const GaussianPlan& plan, const ScaledColumns& x, const WeightedKeys& keys)
      : plan_(plan), x_(x), keys_(keys), cell_sums_(sums_of_cells(plan.key_cells, x)) {}

  /// Overwrites the rows of y, by place, that belong to the groups.
  /// @return kernel values evaluated
  double multiply(std::span<const Index> groups, const GroupOptions& options,
                  MatrixView<double> y, const Context& context) const;

 private:
  const GaussianPlan& plan_;
  const ScaledColumns& x_;
  const WeightedKeys& keys_;
  Matrix<double> cell_sums_;
};

}  // namespace prodigest::kernel
