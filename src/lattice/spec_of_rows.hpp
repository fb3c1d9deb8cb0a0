#pragma once
// What a spec comes to once the number of rows is known. `where` begins the message of a refusal.

#include "prodigest/lattice/lattice_spec.hpp"

namespace prodigest::lattice {

/// Refuses no rows or too many, sizes above them, and parts of columns that are not rotated.
void check_spec_of_rows(const char* where, const LatticeSpec& spec, Index rows);

/// The spec with its size and gain found.  @throws Error{kInvalidArgument} as check_spec_of_rows
LatticeSpec spec_of_rows(const char* where, LatticeSpec spec, Index rows);

}  // namespace prodigest::lattice
