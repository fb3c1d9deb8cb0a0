#include "compare/code_error.hpp"

#include <algorithm>
#include <cmath>

#include "lattice/error_overlap.hpp"
#include "lattice/spec_of_rows.hpp"
#include "prodigest/coding/normal_noise.hpp"
#include "prodigest/coding/rate_distortion.hpp"
#include "prodigest/compare/predict.hpp"

namespace prodigest::compare {
namespace {

// ||A||² ||B||² and ||AᵀB||² of the centred matrices, / ||A||² ||B||².
struct CentredSquares {
  double norms = 0, product = 0;
};

CentredSquares centred(const PairStatistics& pair) {
  return {pair.a.centred_share * pair.b.centred_share, pair.centred_squared_product};
}

// Columns that are nearly equal err alike, and their errors add up: the square of that bias, and
// the sum of the bias times the product.
struct Bias {
  double square = 0, along = 0;
};

Bias bias_of(const PairStatistics& pair, const lattice::LatticeSpec& spec, double noise) {
  const lattice::ErrorOverlap overlap(spec.coding);
  Bias sums;
  for (const ColumnCosine& columns : pair.cosines) {
    const double cosine = 1 - columns.distance, bias = noise * overlap(cosine, noise);
    sums.square += columns.share * bias * bias;
    sums.along += columns.share * bias * cosine;
  }
  return sums;
}

}  // namespace

double code_error(const PairStatistics& pair, const lattice::LatticeSpec& spec) {
  const auto n = static_cast<Index>(pair.a.rows);
  const lattice::LatticeSpec found = lattice::spec_of_rows("predict", spec, n);
  if (found.rotation == lattice::Rotation::kNone || found.gain == coding::Gain::kPlain) return NAN;
  if (pair.a.norm == 0 || pair.b.norm == 0) return 0;
  const CentredSquares squares =
      spec.centre ? centred(pair) : CentredSquares{1, pair.squared_product};
  const double v = coding::normal_noise(found.coding, found.size);
  const double kept = static_cast<double>(found.size) / static_cast<double>(n);
  // Of the product without bias: by noise, and by the coordinates left out.
  const double variance = ((squares.norms * (2 * v + v * v) - squares.product * 2 * v) / kept +
                           (1 / kept - 1) * (squares.norms + squares.product)) /
                          static_cast<double>(n);
  // With least error of each column the product shrinks.
  const double gain = found.gain == coding::Gain::kMmse ? kept / ((1 + v) * (1 + v)) : 1;
  const Bias bias = bias_of(pair, found, v);
  return std::sqrt(std::max(0.0, gain * gain * (variance + bias.square) +
                                     (1 - gain) * (1 - gain) * squares.product -
                                     2 * gain * (1 - gain) * bias.along));
}

double bits_an_entry(const PairStatistics& pair, double bytes) {
  const double entries = pair.a.rows * static_cast<double>(pair.a.cols) +
                         pair.b.rows * static_cast<double>(pair.b.cols);
  return 8 * bytes / entries;
}

double code_limit(const PairStatistics& pair, double bytes) {
  if (!pair.same_rows) return NAN;
  const CentredSquares squares = centred(pair);
  const coding::ProductScale scale{pair.a.rows, squares.norms, 1, squares.product};
  const double rate = bits_an_entry(pair, bytes);
  return std::sqrt(
      std::min(coding::universal_bound(scale, rate), coding::unbiased_bound(scale, rate)));
}

}  // namespace prodigest::compare
