#pragma once
/// Kernel ridge regression, the mean of a Gaussian process: (K + ridge I) v = b.

#include <vector>

#include "prodigest/kernel/linear_map.hpp"

namespace prodigest::kernel {

struct RidgeOptions {
  double ridge = 1;         ///< added to the diagonal, positive
  double tolerance = 1e-4;  ///< of ||b - (K + ridge) v|| / ||b||, by an exact product
  Index iterations =
      8;  ///< of conjugate gradients with approximate products between two exact ones
  Index refinements = 20;  ///< at most so many exact products
};
struct RidgeSolution {
  Matrix<double> weights;  ///< n x m
  double residual = 0;     ///< ||b - (K + ridge) v|| / ||b||, the largest of the columns
  Index exact_products = 0, approximate_products = 0;
  bool converged = false;
};
/// Iterative refinement: residuals by exact products, corrections by conjugate gradients on
/// approximate ones, so that the error of a product does not limit that of the solution.
/// @shape b: n x m
/// @throws Error{kInvalidArgument}
RidgeSolution solve_ridge(const LinearMap& approximate, const LinearMap& exact,
                          MatrixView<const double> b, const RidgeOptions& options,
                          const Context& context = {});

}  // namespace prodigest::kernel
