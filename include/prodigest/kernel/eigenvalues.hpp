#pragma once
/// Largest eigenvalues and the trace of functions, from products alone.

#include <vector>

#include "prodigest/kernel/linear_map.hpp"

namespace prodigest::kernel {

struct EigenOptions {
  Index count = 1;          ///< how many, the largest first
  Index iterations = 30;    ///< of the block power method
  double tolerance = 1e-4;  ///< stops earlier where no Ritz value changes by more, relatively
  Index oversampling = 4;   ///< further vectors of the block
  Seed seed{};
};
struct Eigenpairs {
  std::vector<double> values;     ///< descending
  Matrix<double> vectors;         ///< n x count, orthonormal
  std::vector<double> residuals;  ///< ||K v - value v||, with the map's own products
  Index iterations = 0;
};
/// Noisy block power method with Rayleigh-Ritz: products may err.
/// @guarantee values within about the error of a product of those of K
/// @source Backurs, Indyk, Musco, Wagner, "Faster Kernel Matrix Algebra via Density Estimation",
/// ICML 2021, for non-negative vectors; ours may have any sign
/// @complexity iterations products of count + oversampling columns
Eigenpairs largest_eigenvalues(const LinearMap& map, const EigenOptions& options,
                               const Context& context = {});

struct TraceEstimate {
  double value = 0;
  double standard_error = 0;  ///< of the part that random probes estimate
};
/// tr(K^power), power 1 or 2, by Hutch++: exactly on a subspace, by random probes on the rest.
/// @source Meyer, Musco, Musco, Woodruff, "Hutch++", SOSA 2021
/// @complexity `products` columns in two products
TraceEstimate trace(const LinearMap& map, int power, Index products, Seed seed,
                    const Context& context = {});

}  // namespace prodigest::kernel
