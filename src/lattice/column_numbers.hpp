#pragma once
// What the codes of each column tell of it, its own codes aside: a column x of the centred matrix,
// of which the first k n coordinates after rotation are coded as x̂ = gain (x + e) with e orthogonal
// to x, ||e||² = noise ||x||².

#include <vector>

#include "lattice/column_encoder.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

struct ColumnNumber {
  double squared_norm = 0;  ///< ||x||²; the coded coordinates stand for all: divided by k
  double noise = 0;
  double gain = 1;  ///< kUnbiased 1, kMmse cos² = 1 / (1 + noise), kPlain what it is
};

/// With V the decoded values, ||x̂||² = scale² ||V||² = gain² (1 + noise) ||x||², which gives ||x||²
/// where the gain is known; with Gain::kPlain it is stored.
/// @param squared_length ||V||²
ColumnNumber column_number(coding::Gain gain, const ColumnScale& column, double squared_length,
                           double kept);

/// @shape -> [d]  @complexity O(size d), decodes everything
std::vector<ColumnNumber> column_numbers(const LatticeCodes& codes, const Context& context);

}  // namespace prodigest::lattice
