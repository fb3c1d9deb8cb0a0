#include "compare/centred.hpp"

#include <algorithm>
#include <cmath>

#include "core/entries.hpp"
#include "core/gemm.hpp"
#include "core/squared_norms.hpp"

namespace prodigest::compare {
namespace {

std::size_t place(Index i) { return static_cast<std::size_t>(i); }

// Means of the columns; returns the share of ||A||² that each row has once they are taken out.
std::vector<double> centre(SideStatistics& side, const RowsView& rows) {
  std::vector<double> shares(place(rows_of(rows)));
  squared_norms(rows, shares);
  side.means.assign(place(side.cols), 0);
  std::visit(
      [&](const auto& view) {
        for (Index i = 0; i < view.rows; ++i)
          for_each_entry(view, i, [&](Index j, auto x) {
            side.means[place(j)] += static_cast<double>(x) / side.norm;
          });
        double of_means = 0;
        for (double& mean : side.means) {
          mean /= side.rows;
          of_means += mean * mean;
        }
        for (Index i = 0; i < view.rows; ++i) {
          double along = 0;
          for_each_entry(view, i, [&](Index j, auto x) {
            along += static_cast<double>(x) / side.norm * side.means[place(j)];
          });
          double& share = shares[place(i)];
          share = std::max(0.0, share / side.norm / side.norm - 2 * along + of_means);
          side.centred_share += share;
        }
      },
      rows);
  return shares;
}

// S A - (S 1) meanᵀ, / ||A||.
Matrix<double> centred(const linear::LinearSketch& sketch, const linear::LinearSketch& ones,
                       const SideStatistics& side) {
  Matrix<double> result(sketch.size(), sketch.cols());
  for (Index i = 0; i < result.rows; ++i)
    for (Index j = 0; j < result.cols; ++j)
      result(i, j) =
          sketch.values()(i, j) / side.norm - ones.values()(i, 0) * side.means[place(j)];
  return result;
}

std::vector<double> squared_column_norms(const Matrix<double>& matrix) {
  std::vector<double> norms(place(matrix.cols));
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) norms[place(j)] += matrix(i, j) * matrix(i, j);
  return norms;
}

// Steps of a quarter of an octave in 1 - |r|, down to what rounding leaves of equal columns.
class CosineSteps {
 public:
  void add(double cosine, double share) {
    const double distance = std::max(1 - std::abs(cosine), 0x1p-40);
    shares_[static_cast<std::size_t>(-kSteps * std::log2(std::min(distance, 1.0)))] += share;
  }
  // @param total of the shares
  std::vector<ColumnCosine> take(double total) const {
    double sum = 0;
    for (const double share : shares_) sum += share;
    std::vector<ColumnCosine> result;
    for (std::size_t step = 0; step < shares_.size(); ++step)
      if (shares_[step] > 0)
        result.push_back({std::exp2(-(static_cast<double>(step) + 0.5) / kSteps),
                          shares_[step] / sum * total});
    return result;
  }

 private:
  static constexpr int kSteps = 4;
  std::vector<double> shares_ = std::vector<double>(40 * kSteps + 1);
};

}  // namespace

void add_centred(PairStatistics& pair, const sampling::RowSample& a, const sampling::RowSample& b,
                 const TrialSketches& sketches, const Context& context) {
  const std::vector<double> rows_a = centre(pair.a, a.values()), rows_b = centre(pair.b, b.values());
  double meeting = 0;
  for (std::size_t i = 0; i < rows_a.size(); ++i) meeting += rows_a[i] * rows_b[i];

  const Matrix<double> left = centred(sketches.a, sketches.ones, pair.a),
                       right = centred(sketches.b, sketches.ones, pair.b);
  const std::vector<double> norms_a = squared_column_norms(left),
                            norms_b = squared_column_norms(right);
  Matrix<double> product(left.cols, right.cols);
  multiply_transposed(left, right, product.view(), context);
  double square = 0;
  CosineSteps steps;
  for (Index i = 0; i < product.rows; ++i)
    for (Index j = 0; j < product.cols; ++j) {
      const double share = norms_a[place(i)] * norms_b[place(j)];
      square += product(i, j) * product(i, j);
      if (share > 0) steps.add(product(i, j) / std::sqrt(share), share);
    }
  const double c = 1 / static_cast<double>(left.rows);
  const double norms = pair.a.centred_share * pair.b.centred_share;
  pair.centred_squared_product =
      std::clamp((square - c * (norms - 2 * meeting)) / (1 + c), 0.0, norms);
  pair.cosines = steps.take(norms);
}

double centred_squared_product(const PairStatistics& pair, const Matrix<double>& product) {
  const double scale = pair.a.norm * pair.b.norm;
  double square = 0;
  for (Index i = 0; i < product.rows; ++i)
    for (Index j = 0; j < product.cols; ++j) {
      const double of_means = pair.a.rows * pair.a.means[place(i)] * pair.b.means[place(j)];
      const double entry = product(i, j) / scale - of_means;
      square += entry * entry;
    }
  return square;
}

}  // namespace prodigest::compare
