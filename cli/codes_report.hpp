#pragma once
// What there is to say about lattice codes: how many bits, how good, how near to the best there is.

#include <cstdint>

#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::cli {

/// Bits an entry of the matrix that a file of so many bytes takes, all of it counted.
double bits_on_disk(const lattice::LatticeCodes& codes, std::uint64_t bytes);

/// Root mean square over the columns of ||decoded - column|| / ||column||, means taken out.
double relative_error(const lattice::LatticeCodes& codes);

/// E||W - AᵀB||² / (||A||² ||B||² / n) of a product of two matrices coded like this one, their
/// columns centred and at right angles: what coding::gamma limits.
double product_error(const lattice::LatticeCodes& codes);

}  // namespace prodigest::cli
