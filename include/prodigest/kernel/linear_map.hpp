#pragma once
/// What solvers and eigenvalue methods need of a kernel matrix: its products.

#include <functional>

#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {

/// A symmetric n x n matrix known by its products. `call` names the product.
struct LinearMap {
  Index size = 0;
  std::function<void(MatrixView<const double> x, MatrixView<double> y, std::uint64_t call)> apply{};
};

/// Products to the operator's epsilon, or with every pair. The operator must outlive it.
/// @throws Error{kInvalidArgument} if queries are not keys
LinearMap approximate_map(const GaussianOperator& made, const Context& context = {});
LinearMap exact_map(const GaussianOperator& made, const Context& context = {});

}  // namespace prodigest::kernel
