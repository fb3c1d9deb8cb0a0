#pragma once
// A product to a stated error: sampled, verified, and sampled more or made exactly if it fails.

#include "kernel/gaussian_plan.hpp"

namespace prodigest::kernel {

struct SampledOptions {
  std::uint64_t call = 0;
  bool clip = true;              ///< see GroupOptions
  bool accept = false;           ///< whatever verification says; for tests of the first attempt
};

/// @shape x: n x m, y: n_q x m, rows as the caller numbers them
ProductReport sampled_product(const GaussianPlan& plan, MatrixView<const double> x,
                              MatrixView<double> y, const SampledOptions& options,
                              const Context& context);

/// y = K x by every pair.
void multiply_every_pair(const GaussianPlan& plan, MatrixView<const double> x,
                         MatrixView<double> y, const Context& context);

}  // namespace prodigest::kernel
