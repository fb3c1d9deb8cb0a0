#include "prodigest/kernel/ridge.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fail.hpp"
#include "core/parallel.hpp"
#include "kernel/row_major.hpp"

namespace prodigest::kernel {
namespace {

void check(const LinearMap& approximate, const LinearMap& exact, MatrixView<const double> b,
           const RidgeOptions& options) {
  const auto refuse = [](const char* name, const char* allowed, auto got) {
    fail(ErrorCode::kInvalidArgument, "solve_ridge: {} must be {}, got {}", name, allowed, got);
  };
  if (approximate.size != exact.size || b.rows != exact.size)
    fail(ErrorCode::kInvalidArgument,
         "solve_ridge: both maps and b must be of one size, got {}, {} and {}", approximate.size,
         exact.size, b.rows);
  if (!(options.ridge > 0) || !std::isfinite(options.ridge))
    refuse("ridge", "positive and finite", options.ridge);
  if (!(options.tolerance > 0)) refuse("tolerance", "positive", options.tolerance);
  if (options.iterations < 1) refuse("iterations", "at least 1", options.iterations);
  if (options.refinements < 1) refuse("refinements", "at least 1", options.refinements);
  for (Index i = 0; i < b.rows; ++i)
    for (Index j = 0; j < b.cols; ++j)
      if (!std::isfinite(b(i, j)))
        fail(ErrorCode::kInvalidArgument,
             "solve_ridge: b must be finite, got {} in row {}, column {}", b(i, j), i, j);
}

using Numbers = Eigen::ArrayXd;  // one a column

Numbers products_of(const RowMajor& a, const RowMajor& b) {
  return a.cwiseProduct(b).colwise().sum().transpose().array();
}

// 0 where there is nothing to divide by.
Numbers ratio(const Numbers& a, const Numbers& b) { return (b > 0).select(a / b, 0.0); }

class Ridge {
 public:
  Ridge(const LinearMap& approximate, const LinearMap& exact, const RidgeOptions& options)
      : approximate_(approximate), exact_(exact), options_(options) {}

  RidgeSolution solve(MatrixView<const double> b, const Context& context) {
    RowMajor residual(b.rows, b.cols);
    for (Index i = 0; i < b.rows; ++i)
      for (Index j = 0; j < b.cols; ++j) residual(i, j) = b(i, j);
    const Numbers sizes = products_of(residual, residual).sqrt();
    RowMajor weights = RowMajor::Zero(b.rows, b.cols);
    made_.residual = (sizes > 0).any() ? 1 : 0;
    while (made_.residual > options_.tolerance && made_.exact_products < options_.refinements) {
      throw_if_cancelled(context);
      refine(residual, weights);
      made_.residual = ratio(products_of(residual, residual).sqrt(), sizes).maxCoeff();
    }
    made_.converged = made_.residual <= options_.tolerance;
    made_.weights = Matrix<double>(b.rows, b.cols);
    std::copy_n(weights.data(), weights.size(), made_.weights.storage.begin());
    return std::move(made_);
  }

 private:
  // (K + ridge) x
  RowMajor product(const LinearMap& map, const RowMajor& x, std::uint64_t call) const {
    RowMajor y(x.rows(), x.cols());
    map.apply(view_of(x), view_of(y), call);
    return y + options_.ridge * x;
  }

  // Along the correction as far as the residual falls: however poor the correction is, it does not
  // grow.
  void refine(RowMajor& residual, RowMajor& weights) {
    const RowMajor correction = correct(residual);
    const RowMajor image =
        product(exact_, correction, static_cast<std::uint64_t>(made_.exact_products++));
    const Numbers step = ratio(products_of(image, residual), products_of(image, image));
    weights += correction * step.matrix().asDiagonal();
    residual -= image * step.matrix().asDiagonal();
  }

  // About (K + ridge)⁻¹ times the residual, by conjugate gradients.
  RowMajor correct(const RowMajor& target) {
    RowMajor x = RowMajor::Zero(target.rows(), target.cols()), residual = target, way = target;
    Numbers squares = products_of(residual, residual);
    for (Index step = 0; step < options_.iterations; ++step) {
      const RowMajor image =
          product(approximate_, way, static_cast<std::uint64_t>(made_.approximate_products++));
      // A product that errs may be of no positive matrix: then that column stays.
      const Numbers length = ratio(squares, products_of(way, image));
      x += way * length.matrix().asDiagonal();
      residual -= image * length.matrix().asDiagonal();
      const Numbers next = products_of(residual, residual);
      way = residual + way * ratio(next, squares).matrix().asDiagonal();
      squares = next;
    }
    return x;
  }

  const LinearMap& approximate_;
  const LinearMap& exact_;
  const RidgeOptions& options_;
  RidgeSolution made_{};
};

}  // namespace

RidgeSolution solve_ridge(const LinearMap& approximate, const LinearMap& exact,
                          MatrixView<const double> b, const RidgeOptions& options,
                          const Context& context) {
  check(approximate, exact, b, options);
  return Ridge(approximate, exact, options).solve(b, context);
}

}  // namespace prodigest::kernel
