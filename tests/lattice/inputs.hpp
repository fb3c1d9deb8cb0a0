#pragma once
// Pairs of matrices that look normal after a rotation, and how far a product of codes is off.

#include <string>
#include <vector>

#include "prodigest/core/estimate.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

struct InputPair {
  InputPair(std::string name, Matrix<double> a, Matrix<double> b);

  std::string name;
  Matrix<double> a, b;
  Matrix<double> truth;  ///< AᵀB
  double unit = 0;       ///< ||A||² ||B||² / n, columns centred
};

InputPair normal_pair(Index rows, Index cols, std::uint64_t seed);

/// Student t(3), 1 % of the rows 30 times as large, one large entry a column, means of 10, a factor
/// that all columns share, a spectrum that falls like 1/i with B near A, and short columns.
const std::vector<InputPair>& hard_pairs();

/// ||W - AᵀB||²_F / unit; for normal entries the D of the limit.
double distortion(const ProductEstimate& estimate, const InputPair& pair);

/// Errors in units of their standard deviations.
struct Deviations {
  double root_mean_square = 0;
  double beyond_three = 0;  ///< the share of errors beyond three
};
/// @param diagonal whether entries (i, i) count
Deviations deviations(const ProductEstimate& estimate, const Matrix<double>& truth,
                      bool diagonal = true);

}  // namespace prodigest::lattice
