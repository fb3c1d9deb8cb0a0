#include "regression/r_squared.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "regression/leave_one_out.hpp"

namespace prodigest::regression {
namespace {

// A term of the sum that is free of optimism.
double term(double share, double error, double leverage) {
  const double spread = 1 - leverage;
  return spread > kLeastSpread ? share * error * error / spread : 0;
}

}  // namespace

double normal_quantile(double probability) {
  // By halving: called once a regression, and erfc is all it needs.
  double low = -40, high = 40;
  while (high - low > 1e-12) {
    const double middle = low + (high - low) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < probability ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

Score clipped_score(double value, double standard_error, double confidence) {
  if (!std::isfinite(value) || !std::isfinite(standard_error)) return {};
  const double reach = normal_quantile(0.5 + confidence / 2) * standard_error;
  Score score;
  score.raw = value;
  if (value > 0) score.value = std::min(value, 1.0);
  score.low = std::clamp(value - reach, 0.0, 1.0);
  score.high = std::clamp(value + reach, 0.0, 1.0);
  return score;
}

Score score_of(const RowFit& fit, Index rank, double confidence) {
  const std::size_t size = fit.errors.size();
  const bool constant = std::ranges::any_of(fit.constant_leverages, [](double h) { return h > 0; });
  if (static_cast<Index>(size) - constant <= rank) return {};
  double residual = 0, total = 0;
  for (std::size_t t = 0; t < size; ++t) {
    residual += term(fit.shares[t], fit.errors[t], fit.leverages[t]);
    total += term(fit.shares[t], fit.target[t], fit.constant_leverages[t]);
  }
  if (!(total > 0)) return {};
  const double ratio = residual / total;
  double variance = 0;
  for (std::size_t t = 0; t < size; ++t) {
    const double influence = term(fit.shares[t], fit.errors[t], fit.leverages[t]) -
                             ratio * term(fit.shares[t], fit.target[t], fit.constant_leverages[t]);
    variance += influence * influence / (total * total);
  }
  // Errors of a fit have only so many degrees of freedom as the fit has left.
  const auto rows = static_cast<double>(size);
  const double taken = std::accumulate(fit.leverages.begin(), fit.leverages.end(), 0.0);
  variance *= rows / std::max(rows - taken, 1.0);
  // A fit that is shrunk to nothing has errors like the target's, and the ratio does not vary; what
  // `rank` columns explain is known no better than chance lets them explain.
  double sum = 0, squares = 0;
  for (const double share : fit.shares) {
    sum += share;
    squares += share * share;
  }
  const double chance = ratio * std::sqrt(2 * static_cast<double>(rank)) * squares / (sum * sum);
  return clipped_score(1 - ratio, std::max(std::sqrt(variance), chance), confidence);
}

}  // namespace prodigest::regression
