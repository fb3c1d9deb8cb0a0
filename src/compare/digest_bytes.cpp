#include "compare/digest_bytes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/sampling/sample_file.hpp"

namespace prodigest::compare {
namespace {

// As io/narrow writes numbers below `limit`.
double number_bytes(Index limit) { return limit <= 256 ? 1 : limit <= 65536 ? 2 : 4; }

// Each tensor but the first begins at a multiple of 64.
constexpr double kMeanPadding = 32;

// Rows as core/compact_rows stores them, of float or double with the values narrowed to `stored`
// bytes.
double matrix_bytes(const SideStatistics& side, double rows, double entries, bool single,
                    int stored) {
  const double value = single ? 4 : 8, cols = static_cast<double>(side.cols);
  const double narrow = std::min<double>(value, stored);
  if (entries * (value + number_bytes(side.cols)) + 4 * rows < rows * cols * value)
    return entries * (narrow + number_bytes(side.cols)) + rows * number_bytes(side.cols + 1);
  return rows * cols * narrow;
}

// That an entry of a sparse sketch is not zero, if `mean` entries of the matrix come to it with
// random signs. Equal ones cancel as the steps of a random walk do: it is back with chance
// exp(-mean) I0(mean).
double nonzero_chance(double mean, bool signs) {
  constexpr double kLarge = 100;
  if (!signs) return -std::expm1(-mean);
  if (mean > kLarge) return 1 - 1 / std::sqrt(2 * std::numbers::pi * mean);
  return 1 - std::exp(-mean) * std::cyl_bessel_i(0.0, mean);
}

}  // namespace

double sample_header_bytes(const Schema& schema, Index cols) {
  sampling::SampleParts parts;
  parts.spec.size = 1000;
  parts.schema = schema;
  parts.cols = cols;
  parts.tau = 1.0 / 3;  // as many digits as a tau has
  parts.totals.squared_norm.add(1.0 / 3);
  parts.totals.squared_norm.add(0x1p-80 / 3);
  CsrMatrix<double> none;
  none.cols = cols;
  parts.rows = none;
  const auto bytes = to_bytes(sampling::RowSample(std::move(parts))).size();
  return static_cast<double>(bytes) + 2 * kMeanPadding;
}

double sketch_header_bytes(const Schema& schema, Index cols) {
  linear::SketchParts parts;
  parts.spec.size = 1;
  parts.schema = schema;
  parts.values = Matrix<double>(1, cols);
  std::ranges::fill(parts.values.storage, 1.0 / 3);
  parts.squared_norm.add(1.0 / 3);
  parts.squared_norm.add(0x1p-80 / 3);
  const auto bytes = to_bytes(linear::LinearSketch(std::move(parts))).size();
  return static_cast<double>(bytes) - 8 * static_cast<double>(cols);
}

double sample_bytes(const SideStatistics& side, double rows, double entries) {
  return side.sample_header + 8 * rows +
         matrix_bytes(side, rows, entries, side.single, side.value_bytes);
}

double sketch_bytes(const SideStatistics& side, const linear::LinearSpec& spec) {
  const auto size = static_cast<double>(spec.size);
  const bool sparse = spec.op == linear::Operator::kSparse;
  double entries = 0;
  for (const double in_column : side.column_entries)
    entries += sparse ? size * nonzero_chance(in_column * static_cast<double>(spec.nonzeros) / size,
                                              side.signs)
               : in_column > 0 ? size
                               : 0;
  // Scaling by a power of two keeps whole numbers short; other roots do not.
  int exponent = 0;
  const bool plain =
      sparse && std::frexp(std::sqrt(static_cast<double>(spec.nonzeros)), &exponent) == 0.5;
  return side.sketch_header +
         matrix_bytes(side, size, entries, spec.single, plain ? side.sketch_value_bytes : 8);
}

}  // namespace prodigest::compare
