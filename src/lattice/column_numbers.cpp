#include "lattice/column_numbers.hpp"

#include <algorithm>
#include <cmath>

#include "coding/vector_code.hpp"
#include "core/parallel.hpp"
#include "lattice/coded_columns.hpp"

namespace prodigest::lattice {
namespace {

// ||V||² of every column.
std::vector<double> squared_lengths(const LatticeParts& parts, const Context& context) {
  std::vector<double> lengths(parts.scale.size());
  if (coding::decodes_to_int8(parts.spec.coding)) {
    std::vector<std::int64_t> exact(parts.scale.size());
    coding::squared_lengths(parts.spec.coding, coded_columns(parts).vectors, exact, context);
    std::ranges::transform(exact, lengths.begin(),
                           [](std::int64_t x) { return static_cast<double>(x); });
    return lengths;
  }
  parallel_blocks(context, std::ssize(lengths), 1, [&](Index column, Index) {
    std::vector<float> values(static_cast<std::size_t>(parts.spec.size));
    coding::decode_vector(parts.spec.coding, codes_of(parts, column), 1, values);
    double& sum = lengths[static_cast<std::size_t>(column)];
    for (const float value : values) sum += double{value} * double{value};
  });
  return lengths;
}

}  // namespace

ColumnNumber column_number(coding::Gain gain, const ColumnScale& column, double squared_length,
                           double kept) {
  ColumnNumber number;
  number.noise = column.noise;
  const double scale = column.scale, spread = 1 + number.noise;
  const double decoded = scale * scale * squared_length;  // ||x̂||²
  number.squared_norm = decoded / spread;
  if (gain == coding::Gain::kMmse) {
    number.gain = 1 / spread;
    number.squared_norm = decoded * spread;
  }
  if (gain == coding::Gain::kPlain) {
    number.squared_norm = double{column.norm} * double{column.norm};
    if (column.norm > 0 && decoded > 0)
      number.gain = std::sqrt(decoded / spread) / double{column.norm};
  }
  number.squared_norm /= kept;
  return number;
}

std::vector<ColumnNumber> column_numbers(const LatticeCodes& codes, const Context& context) {
  const LatticeParts& parts = codes.parts();
  Context quiet = context;
  quiet.progress = nullptr;
  const std::vector<double> lengths = squared_lengths(parts, quiet);
  const double kept = static_cast<double>(codes.size()) / static_cast<double>(codes.rows());
  std::vector<ColumnNumber> numbers;
  for (std::size_t c = 0; c < lengths.size(); ++c) {
    ColumnScale column{0, parts.scale[c], parts.noise[c], 0};
    if (!parts.norm.empty()) column.norm = parts.norm[c];
    numbers.push_back(column_number(parts.spec.gain, column, lengths[c], kept));
  }
  return numbers;
}

}  // namespace prodigest::lattice
