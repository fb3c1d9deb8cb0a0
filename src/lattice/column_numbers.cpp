#include "lattice/column_numbers.hpp"

#include <algorithm>
#include <cmath>

#include "coding/vector_code.hpp"
#include "core/parallel.hpp"
#include "lattice/coded_columns.hpp"

namespace prodigest::lattice {
namespace {

constexpr Index kPanel = 64;  // columns

double sum_of_squares(std::span<const std::int8_t> values) {
  constexpr std::size_t kPiece = 65536;  // squares of so many fit 32 bits
  double sum = 0;
  while (!values.empty()) {
    const auto piece = values.first(std::min(values.size(), kPiece));
    std::int32_t squares = 0;
    for (const std::int8_t value : piece) squares += value * value;
    sum += squares;
    values = values.subspan(piece.size());
  }
  return sum;
}

double sum_of_squares(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * double{value};
  return sum;
}

// ||V||² of columns [first, first + count).
void squared_sizes(const LatticeParts& parts, Index first, std::span<double> out) {
  const auto count = static_cast<Index>(out.size()), length = parts.spec.size;
  if (coding::decodes_to_int8(parts.spec.coding)) {
    const Index stride = (length + 63) / 64 * 64;
    std::vector<std::int8_t> values(static_cast<std::size_t>(count * stride));
    coding::decode_values(parts.spec.coding, coded_columns(parts, first, count), values.data(),
                          stride);
    for (std::size_t j = 0; j < out.size(); ++j)
      out[j] = sum_of_squares(std::span<const std::int8_t>(values).subspan(
          j * static_cast<std::size_t>(stride), static_cast<std::size_t>(stride)));
    return;
  }
  std::vector<float> values(static_cast<std::size_t>(length));
  for (Index j = 0; j < count; ++j) {
    coding::decode_vector(parts.spec.coding, codes_of(parts, first + j), 1, values);
    out[static_cast<std::size_t>(j)] = sum_of_squares(std::span<const float>(values));
  }
}

}  // namespace

ColumnNumbers column_numbers(const LatticeCodes& codes, const Context& context) {
  const LatticeParts& parts = codes.parts();
  Context quiet = context;
  quiet.progress = nullptr;
  ColumnNumbers numbers;
  numbers.noise.assign(parts.noise.begin(), parts.noise.end());
  numbers.squared_norm.resize(parts.scale.size());
  numbers.gain.assign(parts.scale.size(), 1.0);
  parallel_blocks(quiet, codes.cols(), kPanel, [&](Index first, Index count) {
    squared_sizes(parts, first,
                  std::span(numbers.squared_norm)
                      .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
  });
  const double kept = static_cast<double>(codes.size()) / static_cast<double>(codes.rows());
  for (std::size_t c = 0; c < parts.scale.size(); ++c) {
    const double scale = parts.scale[c], spread = 1 + numbers.noise[c];
    const double decoded = scale * scale * numbers.squared_norm[c];  // ||x̂||²
    double norm = decoded / spread;
    if (parts.spec.gain == coding::Gain::kMmse) {
      numbers.gain[c] = 1 / spread;
      norm = decoded * spread;
    }
    if (parts.spec.gain == coding::Gain::kPlain) {
      norm = double{parts.norm[c]} * double{parts.norm[c]};
      numbers.gain[c] = norm > 0 ? std::sqrt(decoded / spread / norm) : 1;
    }
    numbers.squared_norm[c] = norm / kept;
  }
  return numbers;
}

}  // namespace prodigest::lattice
