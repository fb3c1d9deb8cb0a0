#pragma once
// The mean squared error of the entries of a product of codes. Derived in docs/theory/lattice.md.

#include "lattice/column_numbers.hpp"

namespace prodigest::lattice {

/// One column in a product: x̂ = gain (x + e), as ColumnNumbers has it.
struct ProductColumn {
  double squared_norm = 0;  ///< ||x||², x being all that the other side's error meets
  double noise = 0;         ///< ||e||² / ||x||²
  double gain = 1;
  double along = 1;  ///< 1: e is orthogonal to x; 0: e points anywhere, as x is more than what was coded
};

/// What all entries of a product have in common.
struct ProductShape {
  double rows = 0;    ///< n
  double kept = 1;    ///< k = size / n
  double factor = 1;  ///< of the sum of products of decoded coordinates
};

/// The error of one entry w = factor <x̂, ŷ> as an estimate of c = <x, y>, as a function of the square
/// r² of the cosine of x and y:
///   E (w - c)² = (1 - t)² c² + t² V,  c² = r² P,  P = ||x||² ||y||²,  t = factor k gain_x gain_y,
///   V = P / n [((1 - r²)(v_x + v_y) + v_x v_y) / k + (1/k - 1)(1 + r²)].
struct EntryError {
  EntryError(const ProductShape& shape, const ProductColumn& x, const ProductColumn& y);

  /// Mean squared error; a straight line.
  double at(double squared_cosine) const { return at_zero + slope * squared_cosine; }
  /// An unbiased estimate of r², so perhaps below 0 or above 1, from w: E w² = t² (c² + V).
  double squared_cosine(double w) const;
  /// An upper bound on |w - c|, whatever the directions of the errors, for k = 1.
  double worst() const;

  double norms;           // P
  double shrinkage;       // t
  double at_zero, slope;  // of the mean squared error
  double variance_at_zero, variance_slope;  // of V
  double noises;  // (1 + sqrt(v_x)) (1 + sqrt(v_y)) - 1
};

}  // namespace prodigest::lattice
