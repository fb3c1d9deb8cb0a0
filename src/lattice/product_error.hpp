#pragma once
// The mean squared error of the entries of a product of codes. Derived in docs/theory/lattice.md.

#include "lattice/column_numbers.hpp"
#include "lattice/error_overlap.hpp"

namespace prodigest::lattice {

/// One column in a product: x̂ = gain (x + e), as ColumnNumber has it.
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
  ErrorOverlap overlap_x{}, overlap_y{};
};

/// The error of one entry w = factor <x̂, ŷ> as an estimate of c = <x, y>, as a function of the square
/// r² of the cosine of x and y:
///   E (w - c)² = (1 - t)² c² + t² (V + B²),  c² = r² P,  P = ||x||² ||y||²,
///   t = factor k gain_x gain_y,
///   V = P / n [((1 - r²)(v_x + v_y) + v_x v_y) / k + (1/k - 1)(1 + r²)],
///   B² = P v_x v_y rho_x(r) rho_y(r), the errors being alike as the columns are; left out where x or
///   y is more than what was coded.
class EntryError {
 public:
  EntryError(const ProductShape& shape, const ProductColumn& x, const ProductColumn& y);

  /// An estimate of r² from w, as E w² = t² (c² + V), so perhaps below 0 or above 1.
  double squared_cosine(double w) const;
  /// Mean squared error if w shows this cosine.
  double at(double squared_cosine) const;
  double least() const;  ///< at any r, 0 to 1
  double most() const;
  /// An upper bound on |w - c|, whatever the directions of the errors, for k = 1.
  double worst() const;
  /// @param mean_squared_cosine of all entries: one that came out small may have lost as much to
  /// shrinking as the others
  double standard_deviation(double w, double mean_squared_cosine) const;

  double norms() const { return norms_; }

 private:
  double squared_bias(double squared_cosine) const;

  const ProductShape& shape_;
  double noise_x_, noise_y_, noises_;  // v_x v_y where x and y are what was coded, else 0
  double norms_;      // P
  double shrinkage_;  // t
  double variance_at_zero_, variance_slope_;  // of V with r²
  double at_zero_, slope_;                    // of the mean squared error without B
};

/// The mean of r² over entries, weighted by P.
class MeanCosine {
 public:
  void add(const EntryError& error, double squared_cosine) {
    weights_ += error.norms();
    sum_ += error.norms() * squared_cosine;
  }
  void add(const MeanCosine& other) {
    weights_ += other.weights_;
    sum_ += other.sum_;
  }
  double value() const { return weights_ > 0 ? sum_ / weights_ : 0; }

 private:
  double weights_ = 0, sum_ = 0;
};

}  // namespace prodigest::lattice
