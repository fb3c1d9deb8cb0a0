#include <cmath>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "core/draws.hpp"
#include "core/parallel.hpp"
#include "kernel/row_major.hpp"
#include "prodigest/kernel/eigenvalues.hpp"

namespace prodigest::kernel {
namespace {

constexpr Index kLeastProducts = 6;  // two of each kind: no standard error from one

// Column c is of row id first + c.
RowMajor random_sign_columns(Index rows, Index cols, Seed seed, Index first) {
  RowMajor made(rows, cols);
  std::vector<double> signs(static_cast<std::size_t>(rows));
  for (Index c = 0; c < cols; ++c) {
    random_signs(seed, Domain::kProbe, static_cast<RowId>(first + c), signs);
    made.col(c) = Eigen::Map<const Eigen::VectorXd>(signs.data(), rows);
  }
  return made;
}

}  // namespace

TraceEstimate trace(const LinearMap& map, int power, Index products, Seed seed,
                    const Context& context) {
  if (power != 1 && power != 2)
    fail(ErrorCode::kInvalidArgument, "trace: power must be 1 or 2, got {}", power);
  if (products < kLeastProducts)
    fail(ErrorCode::kInvalidArgument, "trace: products must be at least {}, got {}", kLeastProducts,
         products);
  if (map.size < 1)
    fail(ErrorCode::kInvalidArgument, "trace: the matrix must have rows, got {}", map.size);
  const Index n = map.size, dim = std::min(n, products / 3), probes = products - 2 * (products / 3);

  RowMajor image(n, dim);
  map.apply(view_of(random_sign_columns(n, dim, seed, 0)), view_of(image), 0);
  throw_if_cancelled(context);
  RowMajor both(n, dim + probes), answers(n, dim + probes);
  both.leftCols(dim) = orthonormal_basis(image);
  const auto basis = both.leftCols(dim);
  auto rest = both.rightCols(probes);
  rest = random_sign_columns(n, probes, seed, dim);
  rest -= basis * (basis.transpose() * rest).eval();
  map.apply(view_of(std::as_const(both)), view_of(answers), 1);

  // vᵀ K v, or vᵀ K² v = ||K v||²
  const Eigen::VectorXd parts = power == 1
                                    ? both.cwiseProduct(answers).colwise().sum().transpose().eval()
                                    : answers.colwise().squaredNorm().transpose().eval();
  const Eigen::VectorXd sampled = parts.tail(probes);
  const auto count = static_cast<double>(probes);
  const double mean = sampled.mean();
  return {parts.head(dim).sum() + mean,
          std::sqrt((sampled.array() - mean).square().sum() / (count * (count - 1)))};
}

}  // namespace prodigest::kernel
