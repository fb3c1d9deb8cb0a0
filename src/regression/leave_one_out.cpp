#include "regression/leave_one_out.hpp"

#include <cmath>

#include "core/gemm.hpp"

namespace prodigest::regression {

std::vector<double> ridge_grid(bool with_zero) {
  std::vector<double> grid;
  if (with_zero) grid.push_back(0);
  for (int half_decade = -12; half_decade <= 12; ++half_decade)
    grid.push_back(std::pow(10.0, half_decade / 2.0));
  return grid;
}

std::vector<double> leave_one_out_errors(const WeightedRows& rows, const Moments& moments,
                                         const Centring& centring, const Spectrum& spectrum,
                                         std::span<const double> gradient,
                                         std::span<const double> grid, const Context& context) {
  const Index rank = spectrum.rank(), steps = std::ssize(grid);
  // In the eigenvectors a fit is one product for all ridges, and so is a leverage.
  const std::vector<double> projected = spectrum.project(gradient);
  Matrix<double> solutions(rank, steps), inverses(rank, steps);
  for (Index k = 0; k < rank; ++k)
    for (Index g = 0; g < steps; ++g) {
      const auto at = static_cast<std::size_t>(k);
      inverses(k, g) = 1 / (spectrum.values()[at] + grid[static_cast<std::size_t>(g)]);
      solutions(k, g) = projected[at] * inverses(k, g);
    }

  Context serial;
  serial.threads = 1;
  return sum_over_panels(
      rows.size(), steps, context, [&](Index first, Index count, std::span<double> sums) {
        const Matrix<double> block = panel(rows, centring, first, count);
        Matrix<double> z(count, rank), fits(count, steps), leverages(count, steps);
        multiply(block.view(), spectrum.vectors().view(), z.view(), serial);
        multiply(z.view(), solutions.view(), fits.view(), serial);
        for (double& x : z.storage) x *= x;
        multiply(z.view(), inverses.view(), leverages.view(), serial);
        for (Index i = 0; i < count; ++i) {
          const Index t = first + i;
          const double share = moments.shares[static_cast<std::size_t>(t)];
          const double target = moments.target[static_cast<std::size_t>(t)];
          const double constant = moments.constant_leverage(rows, t);
          double error = target;
          for (Index g = steps - 1; g >= 0; --g) {
            const double spread = 1 - constant - share * leverages(i, g);
            if (spread > kLeastSpread) error = (target - fits(i, g)) / spread;
            sums[static_cast<std::size_t>(g)] += share * error * error;
          }
        }
      });
}

}  // namespace prodigest::regression
