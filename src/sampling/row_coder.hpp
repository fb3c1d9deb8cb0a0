#pragma once
// One row to codes and back.

#include <cstdint>
#include <span>
#include <vector>

#include "prodigest/sampling/sample_spec.hpp"
#include "sampling/row_rotation.hpp"

namespace prodigest::sampling {

/// A borrowed row of CodedRows.
struct CodedRow {
  double squared_norm;
  float noise;
  std::span<const std::int32_t> columns;  // of its entries; none if all are coded, or none
  std::span<const std::uint8_t> codes;
  Index size;  // entries coded

  bool operator==(const CodedRow& other) const;
};

/// Bytes of the codes of a row with so many entries coded.
Index row_code_bytes(const coding::Coding& coding, Index size);

/// How many entries of a row to code: all, or those that are not zero if that takes fewer bytes.
Index coded_size(const coding::Coding& coding, Index nonzeros, Index cols);
/// Mean of ||x̂||²/||x||² - 1 of rows with so many entries coded, about.
double row_noise(const coding::Coding& coding, Index size);

/// Codes the entries of rows, each after a rotation of its own: draws by seed, row id, squared
/// norm, coding, number of columns and columns coded. So the errors of two rows are independent
/// unless the rows are alike in all of these; equal rows of two samples have equal errors.
class RowCoder {
 public:
  /// @param spec with values
  RowCoder(const SampleSpec& spec, Index cols);

  /// @param columns of the entries, or none if all are there  @shape codes: [row_code_bytes]
  /// @return the noise
  template <Real T>
  float encode(RowId row, double squared_norm, std::span<const std::int32_t> columns,
               std::span<const T> entries, std::span<std::uint8_t> codes);
  /// @shape entries: [coded.size]
  template <Real T>
  void decode(RowId row, const CodedRow& coded, std::span<T> entries);

 private:
  Seed seed_of(RowId row, double squared_norm, std::span<const std::int32_t> columns) const;
  void resize(Index size);

  Seed seed_;
  coding::Coding coding_;
  Index cols_;
  std::vector<float> rotated_;
  std::vector<std::int8_t> values_;
};

}  // namespace prodigest::sampling
