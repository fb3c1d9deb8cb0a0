#include "digest_norm.hpp"

#include <cmath>

namespace prodigest::cli {
namespace {

double squared_norm(MatrixView<const double> matrix) {
  double sum = 0;
  for (Index i = 0; i < matrix.rows; ++i)
    for (const double value : matrix.row(i)) sum += value * value;
  return sum;
}

}  // namespace

DigestNorm norm_of(const digest::Digest& digest) {
  if (const auto* const codes = std::get_if<lattice::LatticeCodes>(&digest))
    return {std::sqrt(codes->squared_norm()), codes->size() < codes->rows()};
  if (const auto known = digest::squared_norm_of(digest)) return {std::sqrt(*known), false};
  if (const auto* const sketch = std::get_if<linear::LinearSketch>(&digest))
    return {std::sqrt(squared_norm(sketch->values())), true};
  return {INFINITY, false};
}

}  // namespace prodigest::cli
