#include "regression/gram_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/fail.hpp"
#include "regression/centred_gram.hpp"

namespace prodigest::regression {

GramSums exact_sums(const sampling::RowSample& a, std::optional<Index> ones) {
  if (a.spec().totals != sampling::Totals::kGram)
    fail(ErrorCode::kInvalidArgument,
         "regress: the estimator gram needs the Gram matrix of A, got a sample without it (sketch "
         "A with totals=gram)");
  const std::vector<double>& packed = a.totals().gram;
  const Index cols = a.cols();
  const auto entry = [&](Index i, Index j) {
    const auto [row, column] = std::minmax(i, j);
    return packed[static_cast<std::size_t>(row * cols - row * (row - 1) / 2 + column - row)];
  };
  const Index d = cols - (ones ? 1 : 0);
  const auto feature = [&](Index j) { return j + (ones && j >= *ones); };

  GramSums sums{Matrix<double>(d, d), std::vector<double>(static_cast<std::size_t>(d)), 0, 0,
                a.rows()};
  if (ones) sums.ones = entry(*ones, *ones);
  if (sums.ones > 0)
    for (Index j = 0; j < d; ++j)
      sums.means[static_cast<std::size_t>(j)] = entry(*ones, feature(j)) / sums.ones;
  constexpr double kRounding = 64 * std::numeric_limits<double>::epsilon();
  for (Index i = 0; i < d; ++i) {
    const double mean = sums.means[static_cast<std::size_t>(i)];
    for (Index j = 0; j < d; ++j)
      sums.gram(i, j) = entry(feature(i), feature(j)) -
                        mean * sums.means[static_cast<std::size_t>(j)] * sums.ones;
    const double whole = entry(feature(i), feature(i));
    if (sums.gram(i, i) <= kRounding * whole) sums.gram(i, i) = 0;  // a constant column
    if (sums.gram(i, i) > 0)
      sums.rounding = std::max(sums.rounding, kRounding * whole / sums.gram(i, i));
  }
  return sums;
}

GramSums sampled_sums(const sampling::RowSample& a, std::optional<Index> ones,
                      const Context& context) {
  WeightedRows rows{
      .values = a.values(), .positions = {}, .skipped = ones, .weights = {}, .target = {}};
  for (Index i = 0; i < a.size(); ++i) {
    rows.positions.push_back(i);
    rows.weights.push_back(1 / a.inclusion(i));
  }
  rows.target.assign(rows.positions.size(), 0);
  if (ones) rows.constant = std::vector<double>(rows.positions.size(), 1);
  const Moments moments = moments_of(rows, context);
  const Centring centring{moments.means, std::vector<double>(moments.means.size(), 1)};
  GramSums sums{centred_gram(rows, moments, centring, context), moments.means,
                moments.constant_square * moments.total_weight, 0, a.size()};
  for (double& x : sums.gram.storage) x *= moments.total_weight;
  for (std::size_t j = 0; j < moments.variances.size(); ++j)
    if (moments.variances[j] == 0) sums.gram.storage[j * moments.variances.size() + j] = 0;
  return sums;
}

}  // namespace prodigest::regression
