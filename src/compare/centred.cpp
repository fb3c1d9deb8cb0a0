#include "compare/centred.hpp"

#include <algorithm>

#include "core/entries.hpp"
#include "core/squared_norms.hpp"
#include "prodigest/linear/product.hpp"

namespace prodigest::compare {
namespace {

double squared_norm(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x * x;
  return sum;
}

// Means of the columns; returns the share of ||A||² that each row has once they are taken out.
std::vector<double> centre(SideStatistics& side, const RowsView& rows) {
  side.means.assign(static_cast<std::size_t>(side.cols), 0);
  std::vector<double> shares(static_cast<std::size_t>(rows_of(rows)));
  squared_norms(rows, shares);
  std::visit(
      [&](const auto& view) {
        for (Index i = 0; i < view.rows; ++i)
          for_each_entry(view, i, [&](Index j, auto x) {
            side.means[static_cast<std::size_t>(j)] += static_cast<double>(x) / side.norm;
          });
        for (double& mean : side.means) mean /= side.rows;
        const double of_means = squared_norm(side.means);
        for (Index i = 0; i < view.rows; ++i) {
          double product = 0;
          for_each_entry(view, i, [&](Index j, auto x) {
            product += static_cast<double>(x) / side.norm * side.means[static_cast<std::size_t>(j)];
          });
          double& share = shares[static_cast<std::size_t>(i)];
          share = std::max(0.0, share / side.norm / side.norm - 2 * product + of_means);
          side.centred_share += share;
        }
      },
      rows);
  return shares;
}

}  // namespace

void add_centred(PairStatistics& pair, const sampling::RowSample& a, const sampling::RowSample& b,
                 const linear::LinearSketch& sketch_a, const linear::LinearSketch& sketch_b,
                 const linear::LinearSketch& sketch_of_ones, const Context& context) {
  const std::vector<double> rows_a = centre(pair.a, a.values()), rows_b = centre(pair.b, b.values());
  double meeting = 0;
  for (std::size_t i = 0; i < rows_a.size(); ++i) meeting += rows_a[i] * rows_b[i];

  // (S A - S1 meanᵀ)ᵀ (S B - S1 meanᵀ)
  const auto product = [&](const linear::LinearSketch& left, const linear::LinearSketch& right) {
    return linear::estimate_product(left, right, {}, context).value;
  };
  const Matrix<double> w = product(sketch_a, sketch_b), sums_a = product(sketch_a, sketch_of_ones),
                       sums_b = product(sketch_b, sketch_of_ones);
  const double ones = product(sketch_of_ones, sketch_of_ones)(0, 0);
  const double scale = pair.a.norm * pair.b.norm;
  double square = 0;
  for (Index i = 0; i < w.rows; ++i)
    for (Index j = 0; j < w.cols; ++j) {
      const double mean_a = pair.a.means[static_cast<std::size_t>(i)],
                   mean_b = pair.b.means[static_cast<std::size_t>(j)];
      const double entry = w(i, j) / scale - sums_a(i, 0) / pair.a.norm * mean_b -
                           sums_b(j, 0) / pair.b.norm * mean_a + ones * mean_a * mean_b;
      square += entry * entry;
    }
  const double c = 1 / static_cast<double>(sketch_a.size());
  const double norms = pair.a.centred_share * pair.b.centred_share;
  pair.centred_squared_product =
      std::clamp((square - c * (norms - 2 * meeting)) / (1 + c), 0.0, norms);
}

double centred_squared_product(const PairStatistics& pair, const Matrix<double>& product) {
  const double scale = pair.a.norm * pair.b.norm;
  double square = 0;
  for (Index i = 0; i < product.rows; ++i)
    for (Index j = 0; j < product.cols; ++j) {
      const double entry = product(i, j) / scale - pair.a.rows *
                                                       pair.a.means[static_cast<std::size_t>(i)] *
                                                       pair.b.means[static_cast<std::size_t>(j)];
      square += entry * entry;
    }
  return square;
}

}  // namespace prodigest::compare
