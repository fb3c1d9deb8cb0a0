#pragma once
// Pairs of matrices whose row norms make sampling, or sketching, easy or hard.

#include <string>

#include "prodigest/base/matrix.hpp"

namespace prodigest {

struct Family {
  std::string name;
  Matrix<double> a;  ///< n x 6
  Matrix<double> b;  ///< n x 5, or equal to a
};

inline constexpr int kFamilies = 6;
inline constexpr int kSpikeFamily = 4;

/// flat; heavy tails; heavy with B = A; norms opposed; one spike in B; supports half disjoint.
/// @param which in [0, kFamilies)
Family norm_family(int which, Index rows);

}  // namespace prodigest
