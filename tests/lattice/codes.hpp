#pragma once
// Codes of matrices in tests.

#include <span>
#include <string>

#include "prodigest/lattice/encoder.hpp"
#include "reference/matrices.hpp"

namespace prodigest::lattice {

/// Every format, with and without a rotation, means and each gain.
inline constexpr const char* kAllSpecs[] = {
    "format=F4",
    "format=F4pair,seed=5",
    "format=F4fast,gain=mmse",
    "format=F3,centre=no",
    "format=F2,size=20",
    "format=I8,rotation=none",
    "format=F4,rotation=none,gain=plain",
    "format=int3",
    "format=group4",
    "format=lloyd4,seed=18446744073709551615",
};

inline LatticeSpec spec_of(const std::string& options) {
  return parse_lattice_spec("lattice:" + options);
}

inline LatticeCodes codes_of(const RowsView& a, const std::string& options,
                             std::span<const RowId> row_ids = {}) {
  return encode_rows(a, spec_of(options), row_ids, {}, {.threads = 1});
}

}  // namespace prodigest::lattice
