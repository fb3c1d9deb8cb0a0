#pragma once
/// Rows of a sample in few bits.

#include <cstdint>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest::sampling {

/// The rows of a sample with SampleSpec::values, each coded for itself, so that samples are merged
/// and cut without decoding. A row is coded as all its entries or, where that takes fewer bytes, as
/// those that are not zero. The layout and what the codes mean are in docs/format.md.
struct CodedRows {
  bool single = false;                ///< rows were float, else double
  std::vector<double> squared_norms;  ///< [k] of the rows before they were coded
  std::vector<float> noises;  ///< [k] half-precision numbers: 1/cos² - 1 of the angle coding makes
  std::vector<Index> sizes;   ///< [k] entries coded: all d, or fewer and then with columns
  std::vector<std::int32_t> columns;  ///< of the rows with fewer than d entries, row after row
  std::vector<std::uint8_t> codes;    ///< code_bytes(size) of each row, row after row
};

}  // namespace prodigest::sampling
