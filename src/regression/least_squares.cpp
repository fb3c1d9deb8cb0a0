#include "regression/least_squares.hpp"

#include <algorithm>
#include <cmath>

#include "core/gemm.hpp"
#include "regression/centred_gram.hpp"
#include "regression/leave_one_out.hpp"
#include "regression/moments.hpp"
#include "regression/spectrum.hpp"
#include "regression/squared_influences.hpp"

namespace prodigest::regression {
namespace {

constexpr int kRefinements = 2;

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
}

// Sum of share * a * (target - a y) over centred rows.
std::vector<double> gradient_of(const WeightedRows& rows, const Moments& moments,
                                const Centring& centring, std::span<const double> y,
                                const Context& context) {
  return sum_over_panels(
      rows.size(), rows.cols(), context, [&](Index first, Index count, std::span<double> sums) {
        const Matrix<double> block = panel(rows, centring, first, count);
        for (Index i = 0; i < count; ++i) {
          const auto t = static_cast<std::size_t>(first + i);
          const std::span<const double> a = block.view().row(i);
          const double error = moments.shares[t] * (moments.target[t] - dot(a, y));
          for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += error * a[j];
        }
      });
}

// The diagonal of the penalty in centred columns is `fixed` * scale² + lambda.
struct Penalty {
  double fixed = 0;
  double lambda = 0;
  double at(double scale) const { return fixed * scale * scale + lambda; }
};

// Directions that rounding has blurred in the Gram matrix come right by what the rows still say.
std::vector<double> solve(const WeightedRows& rows, const Moments& moments,
                          const Centring& centring, const Spectrum& spectrum,
                          const Penalty& penalty, std::span<const double> gradient,
                          const Context& context) {
  std::vector<double> y = spectrum.solve(gradient, penalty.lambda);
  for (int round = 0; round < kRefinements; ++round) {
    std::vector<double> left = gradient_of(rows, moments, centring, y, context);
    for (std::size_t j = 0; j < y.size(); ++j) left[j] -= penalty.at(centring.scales[j]) * y[j];
    const std::vector<double> step = spectrum.solve(left, penalty.lambda);
    for (std::size_t j = 0; j < y.size(); ++j) y[j] += step[j];
  }
  return y;
}

// Errors and leverages of the rows, and the standard errors that follow from them.
void judge(const WeightedRows& rows, const Moments& moments, const Centring& centring,
           const Matrix<double>& inverse, std::span<const double> y, LeastSquares& result,
           const Context& context) {
  const auto size = static_cast<std::size_t>(rows.size());
  RowFit& fit = result.fit;
  fit.shares = moments.shares;
  fit.target = moments.target;
  fit.errors.resize(size);
  fit.leverages.resize(size);
  for (Index t = 0; t < rows.size(); ++t)
    fit.constant_leverages.push_back(moments.constant_leverage(rows, t));

  Context serial;
  serial.threads = 1;
  const SquaredInfluences influences{rows, centring, moments.constant_square};
  const std::vector<double> sums = sum_over_panels(
      rows.size(), influences.length(), context,
      [&](Index first, Index count, std::span<double> part) {
        const Matrix<double> block = panel(rows, centring, first, count);
        Matrix<double> solved(count, rows.cols());
        multiply(block.view(), inverse.view(), solved.view(), serial);
        for (Index i = 0; i < count; ++i) {
          const Index t = first + i;
          const auto at = static_cast<std::size_t>(t);
          const std::span<const double> a = block.view().row(i),
                                        s = std::as_const(solved).view().row(i);
          fit.errors[at] = moments.target[at] - dot(a, y);
          fit.leverages[at] =
              std::clamp(fit.constant_leverages[at] + fit.shares[at] * dot(a, s), 0.0, 1.0);
          const double spread = 1 - fit.leverages[at];
          const double left_out = spread > kLeastSpread ? fit.errors[at] / spread : 0;
          influences.add(t, fit.shares[at] * left_out, s, part);
        }
      });
  result.solution.standard_errors = influences.standard_errors(sums);
  result.solution.constant_error = result.solution.standard_errors.back();
  result.solution.standard_errors.pop_back();
}

}  // namespace

LeastSquares least_squares(const WeightedRows& rows, std::optional<double> ridge,
                           const Context& context) {
  const Moments moments = moments_of(rows, context);
  const std::size_t d = moments.variances.size();
  LeastSquares result;
  Solution& solution = result.solution;

  // Columns of unit variance, penalty included: units do not matter, nor do tiny columns drown.
  Penalty penalty{ridge.value_or(0) / moments.total_weight, 0};
  Centring centring{moments.means, {}};
  for (const double variance : moments.variances) {
    const double total = variance > 0 ? variance + penalty.fixed : 0;
    centring.scales.push_back(total > 0 ? 1 / std::sqrt(total) : 0);
  }
  Matrix<double> gram = centred_gram(rows, moments, centring, context);
  if (penalty.fixed > 0) {
    Matrix<double> correlations = gram;
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j) {
        const double variances = moments.variances[i] * moments.variances[j];
        const double scales = centring.scales[i] * centring.scales[j];
        correlations.storage[i * d + j] =
            scales > 0 ? gram.storage[i * d + j] / scales / std::sqrt(variances) : 0;
      }
    solution.rank = rank_of(correlations);
    for (std::size_t j = 0; j < d; ++j) gram.storage[j * d + j] += penalty.at(centring.scales[j]);
  }
  const Spectrum spectrum(gram);
  if (penalty.fixed == 0) solution.rank = spectrum.rank();

  const std::vector<double> zero(d);
  const std::vector<double> gradient = gradient_of(rows, moments, centring, zero, context);
  if (!ridge) {
    const bool overdetermined = rows.size() - (rows.has_constant() ? 1 : 0) > solution.rank;
    const std::vector<double> grid = ridge_grid(overdetermined);
    const std::vector<double> errors =
        leave_one_out_errors(rows, moments, centring, spectrum, gradient, grid, context);
    penalty.lambda =
        grid[static_cast<std::size_t>(std::ranges::min_element(errors) - errors.begin())];
  }
  solution.ridge = ridge.value_or(penalty.lambda);
  solution.scaled_ridge = !ridge;

  const std::vector<double> y =
      solve(rows, moments, centring, spectrum, penalty, gradient, context);
  solution.constant = moments.target_mean;
  for (std::size_t j = 0; j < d; ++j) {
    solution.coefficients.push_back(centring.scales[j] * y[j]);
    solution.constant -= moments.means[j] * solution.coefficients[j];
  }
  judge(rows, moments, centring, spectrum.inverse(penalty.lambda, context), y, result, context);
  return result;
}

}  // namespace prodigest::regression
