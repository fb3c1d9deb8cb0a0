#include "sampling/row_weights.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"

namespace prodigest::sampling {
namespace {

// The columns and values of row i; a dense row's columns are 0, 1, 2...
template <class Visit>
void for_each_entry(const RowsView& block, Index i, const Visit& visit) {
  std::visit(
      [&](const auto& view) {
        if constexpr (requires { view.columns; }) {
          for (Index at = view.row_start[i]; at < view.row_start[i + 1]; ++at)
            visit(Index{view.columns[at]}, static_cast<double>(view.values[at]));
        } else {
          for (Index j = 0; j < view.cols; ++j) visit(j, static_cast<double>(view(i, j)));
        }
      },
      block);
}

[[noreturn]] void refuse_row(const RowsView& block, Index i, double squared_norm, RowId id) {
  for_each_entry(block, i, [&](Index column, double value) {
    if (!std::isfinite(value))
      fail(ErrorCode::kInvalidArgument,
           "sampler: entries must be finite, got {} in row {}, column {} (drop the row or put a number)",
           value, id, column);
  });
  fail(ErrorCode::kInvalidArgument,
       "sampler: the squared norm of a row must lie between 2^-1022 and 2^960, got {} in row {} "
       "(multiply both matrices by a power of two; the product scales with it)",
       squared_norm, id);
}

}  // namespace

void check_rows(const RowsView& block, std::span<const double> squared_norms,
                std::span<const RowId> row_ids) {
  for (std::size_t i = 0; i < squared_norms.size(); ++i) {
    const double norm = squared_norms[i];
    if (norm >= kLeastSquaredNorm && norm <= kMostSquaredNorm) [[likely]]
      continue;
    bool zero = norm == 0;
    if (zero)  // entries too small to square are not zero
      for_each_entry(block, static_cast<Index>(i), [&](Index, double value) { zero &= value == 0; });
    if (!zero) refuse_row(block, static_cast<Index>(i), norm, row_ids[i]);
  }
}

double row_weight(const SampleSpec& spec, double squared_norm, double given) {
  double weight = given;
  if (spec.weight == Weight::kSquaredNorm) weight = squared_norm;
  if (spec.weight == Weight::kNorm) weight = std::sqrt(squared_norm);
  if (spec.weight == Weight::kUniform) weight = 1;
  return spec.mixture == 0 ? weight
                           : spec.mixture + (1 - spec.mixture) * (weight / spec.mean);
}

double most_squared_norm(const RowSample& sample, double weight) {
  const SampleSpec& spec = sample.spec();
  if (spec.mixture > 0) weight = (weight - spec.mixture) / (1 - spec.mixture) * spec.mean;
  weight = std::max(weight, 0.0);
  // ||row||² / (||A||² + ridge) <= the row's (ridge) leverage, since ||A||² is at least the largest
  // eigenvalue of AᵀA.
  const double total = sample.squared_norm().value_or(INFINITY);
  switch (spec.weight) {
    case Weight::kSquaredNorm: return weight;
    case Weight::kNorm: return weight * weight;
    case Weight::kLeverage:
    case Weight::kRidgeLeverage: return weight == 0 ? 0 : std::min(1.0, weight) * (total + spec.ridge);
    case Weight::kUniform: return weight < 1 ? 0 : total;
    case Weight::kUser: return total;
  }
  return INFINITY;
}

}  // namespace prodigest::sampling
