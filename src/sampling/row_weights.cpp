#include "sampling/row_weights.hpp"

#include <algorithm>
#include <cmath>

namespace prodigest::sampling {

double row_weight(const SampleSpec& spec, double squared_norm, double given) {
  double weight = given;
  if (spec.weight == Weight::kSquaredNorm) weight = squared_norm;
  if (spec.weight == Weight::kNorm) weight = std::sqrt(squared_norm);
  if (spec.weight == Weight::kUniform) weight = 1;
  return spec.mixture == 0 || weight < 0 ? weight
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
