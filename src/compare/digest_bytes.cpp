#include "compare/digest_bytes.hpp"

#include <algorithm>
#include <cmath>

#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/sampling/sample_file.hpp"

namespace prodigest::compare {
namespace {

// As io/narrow writes numbers below `limit`.
double number_bytes(Index limit) { return limit <= 256 ? 1 : limit <= 65536 ? 2 : 4; }

// Each tensor but the first begins at a multiple of 64.
constexpr double kMeanPadding = 32;

}  // namespace

double sample_header_bytes(const Schema& schema, Index cols) {
  sampling::SampleParts parts;
  parts.spec = {.size = 1000, .weight = sampling::Weight::kNorm};
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

double sketch_entry_bytes(const linear::LinearSketch& sketch, double header) {
  const auto entries = static_cast<double>(sketch.size() * sketch.cols());
  const double bytes = (static_cast<double>(to_bytes(sketch).size()) - header) / entries;
  return bytes <= 4.5 ? 4 : 8;
}

double sample_bytes(const SideStatistics& side, double rows, double entries) {
  const double value = side.single ? 4 : 8, cols = static_cast<double>(side.cols);
  const bool sparse = entries * (value + number_bytes(side.cols)) + 4 * rows < rows * cols * value;
  const double stored = std::min<double>(value, side.value_bytes);
  const double body = sparse ? entries * (stored + number_bytes(side.cols)) + rows * number_bytes(side.cols + 1)
                             : rows * cols * stored;
  return side.sample_header + 8 * rows + body;
}

double sketch_bytes(const SideStatistics& side, const linear::LinearSpec& spec) {
  // Signs alone keep whole numbers whole; other operators scale by roots.
  const bool plain = spec.op == linear::Operator::kSparse && spec.nonzeros == 1;
  const double entry = spec.single ? 4 : plain ? side.sketch_entry_bytes : 8;
  return side.sketch_header + entry * static_cast<double>(spec.size) * static_cast<double>(side.cols);
}

}  // namespace prodigest::compare
