#include "compare/digest_bytes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lattice/spec_of_rows.hpp"
#include "prodigest/lattice/codes_file.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "sampling/row_coder.hpp"

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
  const double cols = static_cast<double>(side.cols), narrow = std::min(single ? 4 : 8, stored);
  return stored_sparse(rows, cols, entries, single)
             ? entries * (narrow + number_bytes(side.cols)) + rows * number_bytes(side.cols + 1)
             : rows * cols * narrow;
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

// Without names.
double codes_header_bytes(lattice::LatticeSpec spec, Index cols) {
  const auto d = static_cast<std::size_t>(cols);
  lattice::LatticeParts parts;
  parts.rows = 1;
  spec.size = 0;
  parts.spec = lattice::spec_of_rows("bytes", spec, parts.rows);
  parts.row_set = lattice::row_set_of(parts.rows);
  parts.scale.resize(d);
  parts.noise.resize(d);
  if (spec.centre) parts.mean.resize(d);
  if (spec.gain == coding::Gain::kPlain) parts.norm.resize(d);
  const Index bytes = cols * coding::code_bytes(spec.coding, parts.rows);
  parts.codes.resize(static_cast<std::size_t>(bytes));
  return static_cast<double>(to_bytes(lattice::LatticeCodes(std::move(parts))).size()) -
         static_cast<double>(bytes);
}

}  // namespace

bool stored_sparse(double rows, double cols, double entries, bool single) {
  const double value = single ? 4 : 8;
  return entries * (value + number_bytes(static_cast<Index>(cols))) + 4 * rows <
         rows * cols * value;
}

double sample_header_bytes(const Schema& schema, Index cols, bool sparse) {
  sampling::SampleParts parts;
  parts.spec.size = 1000;
  parts.schema = schema;
  parts.cols = cols;
  parts.tau = 4.0 / 3;  // as many digits as a tau has
  parts.totals.rows = parts.totals.nonzero_rows = 1;
  parts.totals.squared_norm.add(1.0 / 3);
  parts.totals.squared_norm.add(0x1p-80 / 3);
  // One row, so that every tensor is there, each with a full step of 64 bytes; half of one is
  // usual.
  parts.row_ids = {1};
  parts.weights = {1};
  double tensors = 2, payload = static_cast<double>(cols);
  if (sparse) {
    parts.rows =
        CsrMatrix<double>{.row_start = {0, 1}, .columns = {0}, .values = {1}, .cols = cols};
    tensors = 4;
    payload = 0;
  } else {
    Matrix<double> row(1, cols);
    std::ranges::fill(row.storage, 1);
    parts.rows = row;
  }
  const auto bytes = to_bytes(sampling::RowSample(std::move(parts))).size();
  return static_cast<double>(bytes) - payload - tensors * kMeanPadding;
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

double header_bytes(const SideStatistics& side, const digest::DigestSpec& spec) {
  if (const auto* const codes = std::get_if<lattice::LatticeSpec>(&spec))
    return codes_header_bytes(*codes, side.cols) + side.names_bytes;
  return std::holds_alternative<linear::LinearSpec>(spec) ? side.sketch_header : side.sample_header;
}

double sample_bytes(const SideStatistics& side, double rows, double entries) {
  return side.sample_header + 8 * rows +
         matrix_bytes(side, rows, entries, side.single, side.value_bytes);
}

double coded_row_bytes(const SideStatistics& side, const coding::Coding& coding, double entries) {
  const auto nonzeros = static_cast<Index>(std::llround(entries));
  const Index size = sampling::coded_size(coding, nonzeros, side.cols);
  const auto codes = static_cast<double>(sampling::row_code_bytes(coding, size));
  return size == side.cols
             ? codes
             : codes + entries * number_bytes(side.cols) + number_bytes(side.cols + 1);
}

double coded_sample_bytes(const SideStatistics& side, double rows, double row_bytes) {
  constexpr double kMoreTensors = 500;  // norms and noises: their names, checksums and padding
  constexpr double kRowId = 8, kNoise = 2;
  return side.sample_header + kMoreTensors + row_bytes + rows * (kRowId + side.norm_bytes + kNoise);
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

double codes_bytes(const SideStatistics& side, const lattice::LatticeSpec& spec) {
  const Index size = spec.size == 0 ? static_cast<Index>(side.rows) : spec.size;
  return header_bytes(side, spec) +
         static_cast<double>(side.cols * coding::code_bytes(spec.coding, size));
}

}  // namespace prodigest::compare
