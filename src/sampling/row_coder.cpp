#include "sampling/row_coder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "coding/half.hpp"
#include "coding/vector_code.hpp"
#include "core/compact_rows.hpp"
#include "prodigest/coding/normal_noise.hpp"
#include "prodigest/core/random.hpp"

namespace prodigest::sampling {
namespace {

// Blocks of a lattice are filled up with zeros: the error that comes to lie there is dropped. One
// entry is its own norm and sign, and has no error to turn.
Index coded_length(const coding::Coding& coding, Index size) {
  return size == 1 || !coding::is_lattice(coding.format)
             ? size
             : (size + coding::kBlock - 1) / coding::kBlock * coding::kBlock;
}

}  // namespace

bool CodedRow::operator==(const CodedRow& other) const {
  return squared_norm == other.squared_norm && noise == other.noise && size == other.size &&
         std::ranges::equal(columns, other.columns) && std::ranges::equal(codes, other.codes);
}

Index row_code_bytes(const coding::Coding& coding, Index size) {
  return size == 0 ? 0 : coding::code_bytes(coding, size);
}

Index coded_size(const coding::Coding& coding, Index nonzeros, Index cols) {
  const Index few = row_code_bytes(coding, nonzeros) + nonzeros * column_bytes(cols);
  return few < row_code_bytes(coding, cols) ? nonzeros : cols;
}

double row_noise(const coding::Coding& coding, Index size) {
  if (size < 2) return 0;
  const Index length = coded_length(coding, size);
  return coding::normal_noise(coding, length) * static_cast<double>(size - 1) /
         static_cast<double>(length - 1);
}

RowCoder::RowCoder(const SampleSpec& spec, Index cols)
    : seed_(spec.seed), coding_(*spec.values), cols_(cols) {}

Seed RowCoder::seed_of(RowId row, double squared_norm,
                       std::span<const std::int32_t> columns) const {
  Seed seed = seed_;
  std::uint32_t step = 0;
  const auto mix = [&](std::uint64_t word) {
    const auto block = random_block(seed, Domain::kRowCoding, word, step++);
    seed.value = block[0] | std::uint64_t{block[1]} << 32;
  };
  mix(row);
  mix(std::bit_cast<std::uint64_t>(squared_norm));
  mix(static_cast<std::uint64_t>(coding_.format) + 256 * static_cast<std::uint64_t>(coding_.bits));
  mix(static_cast<std::uint64_t>(cols_));
  std::uint64_t pattern = 0;
  for (const std::int32_t column : columns)
    pattern = (pattern + static_cast<std::uint64_t>(column) + 1) * 0x9E3779B97F4A7C15;
  mix(pattern);
  return seed;
}

void RowCoder::resize(Index size) {
  const Index length = coded_length(coding_, size);
  rotated_.assign(static_cast<std::size_t>(length), 0);
  values_.resize(static_cast<std::size_t>((length + 63) / 64 * 64));
}

template <Real T>
float RowCoder::encode(RowId row, double squared_norm, std::span<const std::int32_t> columns,
                       std::span<const T> entries, std::span<std::uint8_t> codes) {
  if (entries.empty()) return 0;
  resize(std::ssize(entries));
  // Of mean square 1, so that no row is too large or too small for floats.
  const double scale = std::sqrt(static_cast<double>(rotated_.size())) / std::sqrt(squared_norm);
  std::ranges::transform(entries, rotated_.begin(),
                         [&](T x) { return static_cast<float>(static_cast<double>(x) * scale); });
  if (rotated_.size() > 1)
    RowRotation(seed_of(row, squared_norm, columns), std::ssize(rotated_)).apply(rotated_);
  const float noise =
      coding::encode_vector(coding_, coding::Gain::kUnbiased, rotated_, codes, values_).noise;
  return coding::from_half(coding::to_half(noise));
}

template <Real T>
void RowCoder::decode(RowId row, const CodedRow& coded, std::span<T> entries) {
  if (entries.empty()) return;
  resize(coded.size);
  const Index length = std::ssize(rotated_);
  coding::decode_values(coding_, {coded.codes.data(), std::ssize(coded.codes), 1, length},
                        values_.data(), std::ssize(values_));
  std::int64_t squares = 0;
  for (std::size_t i = 0; i < rotated_.size(); ++i) {
    squares += values_[i] * values_[i];
    rotated_[i] = values_[i];
  }
  // The decoded vector is norm / cos long, so that <x, x̂> = ||x||².
  const double scale =
      squares == 0 ? 0
                   : std::sqrt(coded.squared_norm) *
                         std::sqrt((1 + double{coded.noise}) / static_cast<double>(squares));
  if (length > 1)
    RowRotation(seed_of(row, coded.squared_norm, coded.columns), length).apply_inverse(rotated_);
  std::transform(rotated_.begin(), rotated_.begin() + std::ssize(entries), entries.begin(),
                 [&](float x) { return static_cast<T>(double{x} * scale); });
}

template float RowCoder::encode(RowId, double, std::span<const std::int32_t>,
                                std::span<const float>, std::span<std::uint8_t>);
template float RowCoder::encode(RowId, double, std::span<const std::int32_t>,
                                std::span<const double>, std::span<std::uint8_t>);
template void RowCoder::decode(RowId, const CodedRow&, std::span<float>);
template void RowCoder::decode(RowId, const CodedRow&, std::span<double>);

}  // namespace prodigest::sampling
