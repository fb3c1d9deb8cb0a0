#pragma once
// What the codes of each column tell of it, its own codes aside: a column x of the centred matrix, of
// which the first k n coordinates after rotation are coded as x̂ = gain (x + e) with e orthogonal to
// x, ||e||² = noise ||x||².

#include <vector>

#include "prodigest/core/context.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

struct ColumnNumbers {
  /// [d]: ||x||². With V the decoded values, ||x̂||² = scale² ||V||² = gain² (1 + noise) ||x||², which
  /// gives ||x||² where the gain is known; with Gain::kPlain it is stored. The coded coordinates
  /// stand for all: divided by k.
  std::vector<double> squared_norm;
  std::vector<double> noise;  ///< [d]
  std::vector<double> gain;   ///< [d]: kUnbiased 1, kMmse cos² = 1 / (1 + noise), kPlain what it is
};

/// @complexity O(size d), decodes everything
ColumnNumbers column_numbers(const LatticeCodes& codes, const Context& context);

}  // namespace prodigest::lattice
