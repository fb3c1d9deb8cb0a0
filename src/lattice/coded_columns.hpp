#pragma once
// The codes of columns, as the kernels of coding/ take them.

#include "coding/coded_product.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// Bytes of the codes of a column.
inline Index column_bytes(const LatticeParts& parts) {
  return parts.scale.empty() ? 0 : std::ssize(parts.codes) / std::ssize(parts.scale);
}

inline std::span<const std::uint8_t> codes_of(const LatticeParts& parts, Index column) {
  const Index bytes = column_bytes(parts);
  return std::span(parts.codes)
      .subspan(static_cast<std::size_t>(column * bytes), static_cast<std::size_t>(bytes));
}

/// All columns, of a format that decodes to int8.
inline coding::ScaledCodes coded_columns(const LatticeParts& parts) {
  return {parts.spec.coding,
          {parts.codes.data(), column_bytes(parts), std::ssize(parts.scale), parts.spec.size},
          parts.scale.data()};
}

}  // namespace prodigest::lattice
