#pragma once
// Some rows of a product by every pair.

#include <span>
#include <vector>

#include "kernel/gaussian_plan.hpp"

namespace prodigest::kernel {

struct ExactRows {
  Matrix<double> products{};   ///< rows x m
  std::vector<double> sums{};  ///< of kernel values; only if wanted
};
/// @param places of queries  @shape x: n x m, by place
ExactRows exact_rows(const GaussianPlan& plan, std::span<const Index> places,
                     MatrixView<const float> x, bool with_sums, const Context& context);

}  // namespace prodigest::kernel
