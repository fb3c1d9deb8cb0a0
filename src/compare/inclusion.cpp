#include "compare/inclusion.hpp"

#include <algorithm>
#include <cmath>

#include "sampling/row_weights.hpp"

namespace prodigest::compare {
namespace {

using sampling::Method;
using sampling::SampleSpec;

// Mean weight of all rows before mixing; any mean will do for a matrix of zeros.
double mean_weight(const SideStatistics& side, SampleSpec spec) {
  spec.mixture = 0;
  double sum = 0, rows = 0;
  for (const SideStatistics::Row& row : side.by_weight) {
    sum += row.count * sampling::row_weight(spec, row.share, 0);
    rows += row.count;
  }
  return sum > 0 ? sum / rows : 1;
}

}  // namespace

InclusionCurve::InclusionCurve(const SideStatistics& side, const SampleSpec& spec) : spec_(spec) {
  // The norms are shares, so a mean that the spec brings along is of another scale.
  if (spec_.mixture > 0) spec_.mean = mean_weight(side, spec_);
  rows_ = entries_ = {0};
  for (const SideStatistics::Row& row : side.by_weight) {
    const double u = weight(row.share);
    if (!(u > 0)) break;
    weights_.push_back(u);
    rows_.push_back(rows_.back() + row.count);
    entries_.push_back(entries_.back() + row.count * row.entries);
  }
  weight_left_.resize(rows_.size());
  weighted_entries_left_.resize(rows_.size());
  for (std::size_t i = weights_.size(); i > 0; --i) {
    const SideStatistics::Row& row = side.by_weight[i - 1];
    weight_left_[i - 1] = weight_left_[i] + row.count * weights_[i - 1];
    weighted_entries_left_[i - 1] =
        weighted_entries_left_[i] + row.count * weights_[i - 1] * row.entries;
  }
}

double InclusionCurve::weight(double share) const { return sampling::row_weight(spec_, share, 0); }

std::size_t InclusionCurve::certain(double tau) const {
  const auto at = std::ranges::partition_point(weights_, [&](double u) { return tau * u >= 1; });
  return static_cast<std::size_t>(at - weights_.begin());
}

std::size_t InclusionCurve::certain_of_size(double size) const {
  // Row i is certain if at tau = 1 / u_i no more than `size` rows are kept.
  std::size_t low = 0, high = weights_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (rows_[middle] + weight_left_[middle] / weights_[middle] <= size)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

double InclusionCurve::tau(double size) const {
  if (spec_.method == Method::kPlainThreshold) return size / weight_left_[0];
  if (size >= positive_rows()) return INFINITY;
  const std::size_t j = certain_of_size(size);
  return (size - rows_[j]) / weight_left_[j];
}

double InclusionCurve::mean_tau_of_others(double size, double weight) const {
  // tau is the size-th smallest rank of the others, a time at which size rows have come; 1/tau has
  // the mean that it has where size - 1 have (of Poisson arrivals; exact for equal weights). The
  // row itself is none of the others: first-order correction.
  if (size >= positive_rows()) return INFINITY;
  const double tau = this->tau(size - 1);
  return tau + std::min(1.0, tau * weight) / weight_left_[certain(tau)];
}

double InclusionCurve::rows(double tau) const {
  if (std::isinf(tau)) return positive_rows();
  const std::size_t j = certain(tau);
  return rows_[j] + tau * weight_left_[j];
}

double InclusionCurve::entries(double tau) const {
  if (std::isinf(tau)) return entries_.back();
  const std::size_t j = certain(tau);
  return entries_[j] + tau * weighted_entries_left_[j];
}

}  // namespace prodigest::compare
