#include "prodigest/lattice/lattice_codes.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
#include "coding/half.hpp"
#include "coding/vector_code.hpp"
#include "core/digest_checks.hpp"
#include "core/row_checks.hpp"
#include "lattice/coded_columns.hpp"
#include "lattice/column_numbers.hpp"
#include "lattice/spec_of_rows.hpp"

namespace prodigest::lattice {
namespace {

constexpr char kWhere[] = "lattice codes";

void require(bool rule, const char* text) {
  if (!rule) fail(ErrorCode::kInvalidArgument, "{}: {}", kWhere, text);
}

bool is_size(float x) { return x >= 0 && std::isfinite(x); }
bool is_half(float x) { return coding::from_half(coding::to_half(x)) == x; }

void check_codes(const LatticeParts& parts) {
  const coding::Coding& coding = parts.spec.coding;
  const auto cols = static_cast<Index>(parts.scale.size());
  const Index length = parts.spec.size, size = std::ssize(parts.codes);
  // No format takes fewer than 2 bits; asked first, so that no product of sizes overflows.
  require(
      length / 4 <= size && size % cols == 0 && size / cols == coding::code_bytes(coding, length),
      "codes must have the bytes of their format for every column");
  if (coding.format != coding::Format::kGroup) return;  // whatever their bytes, they decode
  std::vector<float> values(static_cast<std::size_t>(length));
  for (Index c = 0; c < cols; ++c) {
    coding::decode_vector(coding, codes_of(parts, c), 1, values);
    require(std::ranges::all_of(values, [](float x) { return std::isfinite(x); }),
            "scales of groups must be finite");
  }
}

}  // namespace

LatticeCodes::LatticeCodes(LatticeParts parts) : parts_(std::move(parts)) {
  const LatticeSpec& spec = parts_.spec;
  const Index cols = std::ssize(parts_.scale);
  check_cols(kWhere, cols);
  require(spec.size >= 1, "size must be found");
  require(spec.gain != coding::Gain::kAuto, "gain must be found");
  check_spec_of_rows(kWhere, spec, parts_.rows);
  check_names(kWhere, parts_.schema, cols);
  require(std::ssize(parts_.mean) == (spec.centre ? cols : 0) &&
              std::ranges::all_of(parts_.mean, [](double x) { return std::isfinite(x); }),
          "means must be finite, one a column with centre=yes, else absent");
  require(std::ranges::all_of(parts_.scale, is_size), "scales must be finite and not negative");
  require(std::ssize(parts_.noise) == cols && std::ranges::all_of(parts_.noise, is_size) &&
              std::ranges::all_of(parts_.noise, is_half),
          "noises must be finite half-precision numbers and not negative, one a column");
  require(std::ssize(parts_.norm) == (spec.gain == coding::Gain::kPlain ? cols : 0) &&
              std::ranges::all_of(parts_.norm, is_size),
          "norms must be finite and not negative, one a column with gain=plain, else absent");
  check_codes(parts_);
}

double LatticeCodes::bits_per_entry() const noexcept {
  const auto bytes = parts_.codes.size() + parts_.mean.size() * sizeof(double) +
                     (parts_.scale.size() + parts_.norm.size()) * sizeof(float) +
                     parts_.noise.size() * sizeof(std::uint16_t);
  return 8 * static_cast<double>(bytes) / static_cast<double>(rows()) / static_cast<double>(cols());
}

double LatticeCodes::squared_norm() const {
  double sum = 0;
  for (const ColumnNumber& column : column_numbers(*this, {})) sum += column.squared_norm;
  for (const double mean : parts_.mean) sum += static_cast<double>(rows()) * mean * mean;
  return sum;
}

}  // namespace prodigest::lattice
