#include "regression/gram_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/gemm.hpp"
#include "regression/leave_one_out.hpp"
#include "regression/spectrum.hpp"
#include "regression/squared_influences.hpp"

namespace prodigest::regression {
namespace {

constexpr int kRefinements = 2;

// (1 - p) / p² b²: what a row adds to the variance of W, per unit of a aᵀ.
double row_variance(const WeightedRows& rows, Index t) {
  const double weight = rows.weights[static_cast<std::size_t>(t)];
  const double target = rows.target[static_cast<std::size_t>(t)];
  return weight * (weight - 1) * target * target;
}

// The Gram matrix with columns of unit norm, penalty included, and its spectrum.
struct ScaledGram {
  Centring centring;
  Matrix<double> matrix;
  Spectrum spectrum;

  ScaledGram(const GramSums& sums, double penalty)
      : centring{sums.means, scales_of(sums, penalty)},
        matrix(scaled(sums.gram, centring.scales, penalty)),
        spectrum(matrix, sums.rounding) {}

  static std::vector<double> scales_of(const GramSums& sums, double penalty) {
    std::vector<double> scales;
    for (Index j = 0; j < sums.gram.rows; ++j)
      scales.push_back(sums.gram(j, j) > 0 ? 1 / std::sqrt(sums.gram(j, j) + penalty) : 0);
    return scales;
  }
  static Matrix<double> scaled(Matrix<double> gram, const std::vector<double>& scales,
                               double penalty) {
    const std::size_t d = scales.size();
    for (std::size_t i = 0; i < d; ++i) {
      gram.storage[i * d + i] += penalty;
      for (std::size_t j = 0; j < d; ++j) gram.storage[i * d + j] *= scales[i] * scales[j];
    }
    return gram;
  }
};

// Sum of weight * a * target over the rows, centred and scaled.
std::vector<double> product_of(const WeightedRows& rows, const Centring& centring,
                               const Context& context) {
  return sum_over_panels(rows.size(), rows.cols(), context,
                         [&](Index first, Index count, std::span<double> sums) {
                           const Matrix<double> block = panel(rows, centring, first, count);
                           for (Index i = 0; i < count; ++i) {
                             const auto t = static_cast<std::size_t>(first + i);
                             const double factor = rows.weights[t] * rows.target[t];
                             for (std::size_t j = 0; j < sums.size(); ++j)
                               sums[j] += factor * block.view().row(i)[j];
                           }
                         });
}

// Variance of W in each direction of the spectrum.
std::vector<double> direction_variances(const WeightedRows& rows, const ScaledGram& gram,
                                        const Context& context) {
  Context serial;
  serial.threads = 1;
  return sum_over_panels(rows.size(), gram.spectrum.rank(), context,
                         [&](Index first, Index count, std::span<double> sums) {
                           const Matrix<double> block = panel(rows, gram.centring, first, count);
                           Matrix<double> z(count, gram.spectrum.rank());
                           multiply(block.view(), gram.spectrum.vectors().view(), z.view(), serial);
                           for (Index i = 0; i < count; ++i) {
                             const double variance = row_variance(rows, first + i);
                             for (std::size_t k = 0; k < sums.size(); ++k)
                               sums[k] += variance * z.view().row(i)[k] * z.view().row(i)[k];
                           }
                         });
}

// Estimate of ||A x - b||² - ||b||² for the x of a ridge, free of bias if the Gram matrix is exact.
double estimated_loss(const ScaledGram& gram, std::span<const double> product,
                      std::span<const double> variances, double ridge) {
  double loss = 0;
  for (std::size_t k = 0; k < product.size(); ++k) {
    const double value = gram.spectrum.values()[k], inverse = 1 / (value + ridge);
    loss += product[k] * product[k] * inverse * (value * inverse - 2) + 2 * variances[k] * inverse;
  }
  return loss;
}

std::vector<double> solve(const ScaledGram& gram, std::span<const double> product, double ridge) {
  const std::size_t d = product.size();
  std::vector<double> y = gram.spectrum.solve(product, ridge);
  for (int round = 0; round < kRefinements; ++round) {
    std::vector<double> left(product.begin(), product.end());
    for (std::size_t i = 0; i < d; ++i) {
      left[i] -= ridge * y[i];
      for (std::size_t j = 0; j < d; ++j) left[i] -= gram.matrix.storage[i * d + j] * y[j];
    }
    const std::vector<double> step = gram.spectrum.solve(left, ridge);
    for (std::size_t j = 0; j < d; ++j) y[j] += step[j];
  }
  for (std::size_t j = 0; j < d; ++j) y[j] *= gram.centring.scales[j];
  return y;
}

std::vector<double> standard_errors(const WeightedRows& rows, const ScaledGram& gram, double ridge,
                                    double ones, const Context& context) {
  const Matrix<double> inverse = gram.spectrum.inverse(ridge, context);
  const SquaredInfluences influences{rows, gram.centring, ones};
  Context serial;
  serial.threads = 1;
  const std::vector<double> sums =
      sum_over_panels(rows.size(), influences.length(), context,
                      [&](Index first, Index count, std::span<double> part) {
                        const Matrix<double> block = panel(rows, gram.centring, first, count);
                        Matrix<double> solved(count, rows.cols());
                        multiply(block.view(), inverse.view(), solved.view(), serial);
                        for (Index i = 0; i < count; ++i)
                          influences.add(first + i, std::sqrt(row_variance(rows, first + i)),
                                         std::as_const(solved).view().row(i), part);
                      });
  return influences.standard_errors(sums);
}

// The share that the best fit explains, not the penalised one; its interval counts G as known.
Score best_score(const WeightedRows& rows, const ScaledGram& gram, std::span<const double> product,
                 std::span<const double> variances, const GramSums& sums, double target_square,
                 double target_sum, double confidence, const Context& context) {
  double explained = 0;
  const std::vector<double> c = gram.spectrum.project(product);
  for (std::size_t k = 0; k < c.size(); ++k)
    explained += (c[k] * c[k] - variances[k]) / gram.spectrum.values()[k];
  double total = target_square, mean = 0;
  if (sums.ones > 0) {
    mean = target_sum / sums.ones;
    double variance = 0;
    for (Index t = 0; t < rows.size(); ++t) variance += row_variance(rows, t);
    total -= (target_sum * target_sum - variance) / sums.ones;
  }
  if (!(total > 1e-14 * target_square)) return {};
  const double score = explained / total;
  const std::vector<double> x = solve(gram, product, 0);
  const Centring unscaled{sums.means, std::vector<double>(x.size(), 1)};
  const std::vector<double> variance = sum_over_panels(
      rows.size(), 1, context, [&](Index first, Index count, std::span<double> part) {
        const Matrix<double> block = panel(rows, unscaled, first, count);
        for (Index i = 0; i < count; ++i) {
          const std::span<const double> a = block.view().row(i);
          const double fit = std::inner_product(a.begin(), a.end(), x.begin(), 0.0);
          const double influence = 2 * (fit + score * mean) / total;
          part[0] += row_variance(rows, first + i) * influence * influence;
        }
      });
  return clipped_score(score, std::sqrt(variance[0]), confidence);
}

}  // namespace

GramFit gram_estimate(const WeightedRows& rows, const GramSums& sums, double target_square,
                      std::optional<double> ridge, double confidence, const Context& context) {
  GramFit fit;
  Solution& solution = fit.solution;
  const ScaledGram plain(sums, 0);
  const std::vector<double> product = product_of(rows, plain.centring, context);
  const std::vector<double> variances = direction_variances(rows, plain, context);
  solution.rank = plain.spectrum.rank();
  solution.scaled_ridge = !ridge;
  double target_sum = 0;
  for (std::size_t t = 0; t < rows.target.size(); ++t)
    target_sum += rows.weights[t] * rows.target[t];

  std::vector<double> errors;
  if (ridge.value_or(0) > 0) {
    const ScaledGram penalised(sums, *ridge);
    solution.ridge = *ridge;
    solution.coefficients = solve(penalised, product_of(rows, penalised.centring, context), 0);
    errors = standard_errors(rows, penalised, 0, sums.ones, context);
  } else {
    if (!ridge) {
      const std::vector<double> projected = plain.spectrum.project(product);
      const std::vector<double> grid = ridge_grid(sums.rows > solution.rank);
      solution.ridge = *std::ranges::min_element(grid, {}, [&](double lambda) {
        return estimated_loss(plain, projected, variances, lambda);
      });
    }
    solution.coefficients = solve(plain, product, solution.ridge);
    errors = standard_errors(rows, plain, solution.ridge, sums.ones, context);
  }
  solution.constant_error = errors.back();
  errors.pop_back();
  solution.standard_errors = std::move(errors);
  if (sums.ones > 0) {
    solution.constant = target_sum / sums.ones;
    for (std::size_t j = 0; j < sums.means.size(); ++j)
      solution.constant -= sums.means[j] * solution.coefficients[j];
  }
  fit.score = best_score(rows, plain, product, variances, sums, target_square, target_sum,
                         confidence, context);
  return fit;
}

}  // namespace prodigest::regression
