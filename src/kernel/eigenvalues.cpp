#include "prodigest/kernel/eigenvalues.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fail.hpp"
#include "core/draws.hpp"
#include "core/parallel.hpp"
#include "kernel/row_major.hpp"

namespace prodigest::kernel {
namespace {

void check(const LinearMap& map, const EigenOptions& options) {
  const auto refuse = [](const char* name, const std::string& allowed, auto got) {
    fail(ErrorCode::kInvalidArgument, "largest_eigenvalues: {} must be {}, got {}", name, allowed,
         got);
  };
  if (options.count < 1 || options.count > map.size)
    refuse("count", fmt::format("1 to the size of the matrix, {}", map.size), options.count);
  if (options.iterations < 1) refuse("iterations", "at least 1", options.iterations);
  if (options.oversampling < 0) refuse("oversampling", "at least 0", options.oversampling);
  if (!(options.tolerance >= 0)) refuse("tolerance", "at least 0", options.tolerance);
}

RowMajor random_columns(Index rows, Index cols, Seed seed) {
  RowMajor made(rows, cols);
  for (Index i = 0; i < rows; ++i)
    random_normals(seed, Domain::kProbe, static_cast<RowId>(i), view_of(made).row(i));
  return made;
}

// Of the symmetric part: a product that errs is of no symmetric matrix.
using Ritz = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;
Ritz ritz_of(const RowMajor& basis, const RowMajor& products) {
  const Eigen::MatrixXd small = basis.transpose() * products;
  return Ritz((small + small.transpose()) / 2);
}

bool is_near(const Eigen::VectorXd& now, const Eigen::VectorXd& before, double tolerance) {
  return before.size() == now.size() &&
         ((now - before).array().abs() <= tolerance * now.array().abs()).all();
}

}  // namespace

Eigenpairs largest_eigenvalues(const LinearMap& map, const EigenOptions& options,
                               const Context& context) {
  check(map, options);
  const Index block = std::min(map.size, options.count + options.oversampling);
  RowMajor products = random_columns(map.size, block, options.seed), basis;
  Eigen::VectorXd before;
  for (Index iteration = 1;; ++iteration) {
    throw_if_cancelled(context);
    basis = orthonormal_basis(products);
    map.apply(view_of(std::as_const(basis)), view_of(products),
              static_cast<std::uint64_t>(iteration - 1));
    const Ritz ritz = ritz_of(basis, products);
    const Eigen::VectorXd values = ritz.eigenvalues().reverse().head(options.count);
    if (iteration < options.iterations && !is_near(values, before, options.tolerance)) {
      before = values;
      continue;
    }
    const Eigen::MatrixXd turn = ritz.eigenvectors().rowwise().reverse().leftCols(options.count);
    const RowMajor vectors = basis * turn;
    const RowMajor errors = products * turn - vectors * values.asDiagonal();
    Eigenpairs made{{values.begin(), values.end()}, {map.size, options.count}, {}, iteration};
    std::copy_n(vectors.data(), vectors.size(), made.vectors.storage.begin());
    for (Index k = 0; k < options.count; ++k) made.residuals.push_back(errors.col(k).norm());
    return made;
  }
}

}  // namespace prodigest::kernel
