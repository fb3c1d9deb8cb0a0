#pragma once
// The mean squared error of the entries of a product of codes. Derived in docs/theory/lattice.md.

#include <algorithm>
#include <cmath>

#include "lattice/error_overlap.hpp"

namespace prodigest::lattice {

/// One column in a product: x̂ = gain (x + e), as ColumnNumber has it.
struct ProductColumn {
  double squared_norm = 0;  ///< ||x||², x being all that the other side's error meets
  double noise = 0;         ///< ||e||² / ||x||²
  double gain = 1, inverse_gain = 1;
  double along =
      1;  ///< 1: e is orthogonal to x; 0: e points anywhere, as x is more than what was coded
};

/// What all entries of a product have in common: n, k = size / n, the factor of the sum of products
/// of decoded coordinates.
struct ProductShape {
  double rows, kept, factor;
  double inverse_rows, inverse_kept, inverse_shrinkage;  ///< the last of factor k
  ErrorOverlap overlap_x, overlap_y;

  ProductShape(double rows_, double kept_, double factor_, const ErrorOverlap& x,
               const ErrorOverlap& y)
      : rows(rows_),
        kept(kept_),
        factor(factor_),
        inverse_rows(1 / rows),
        inverse_kept(1 / kept),
        inverse_shrinkage(1 / (factor * kept)),
        overlap_x(x),
        overlap_y(y) {}
};

/// The error of one entry w = factor <x̂, ŷ> as an estimate of c = <x, y>, as a function of the
/// square r² of the cosine of x and y:
///   E (w - c)² = (1 - t)² c² + t² (V + B²),  c² = r² P,  P = ||x||² ||y||²,
///   t = factor k gain_x gain_y,
///   V = P / n [((1 - r²)(v_x + v_y) + v_x v_y) / k + (1/k - 1)(1 + r²)],
///   B² = P v_x v_y rho_x(r) rho_y(r), the errors being alike as the columns are; left out where x
///   or y is more than what was coded.
class EntryError {
 public:
  EntryError(const ProductShape& shape, const ProductColumn& x, const ProductColumn& y)
      : shape_(shape),
        noise_x_(x.noise),
        noise_y_(y.noise),
        noises_(x.along * y.along * x.noise * y.noise),
        norms_(x.squared_norm * y.squared_norm),
        shrinkage_(shape.factor * shape.kept * x.gain * y.gain),
        inverse_shrinkage_(shape.inverse_shrinkage * x.inverse_gain * y.inverse_gain) {
    const double dropped = shape.inverse_kept - 1, unit = norms_ * shape.inverse_rows;
    const double lost = 1 - shrinkage_;
    variance_ = unit * ((x.noise + y.noise + x.noise * y.noise) * shape.inverse_kept + dropped);
    slope_ = shrinkage_ * shrinkage_ * unit *
                 (dropped - (x.along * x.noise + y.along * y.noise) * shape.inverse_kept) +
             lost * lost * norms_;
  }

  /// An estimate of r² from w, as E w² = t² (c² + V) and V hardly depends on r; perhaps below 0 or
  /// above 1.
  double squared_cosine(double w) const {
    const double unbiased = w * inverse_shrinkage_;
    return norms_ > 0 ? (unbiased * unbiased - variance_) / norms_ : 0;
  }

  /// Mean squared error if w shows this cosine.
  double at(double squared_cosine) const {
    return at_zero() + slope_ * std::min(squared_cosine, 1.0) +
           shrinkage_ * shrinkage_ * squared_bias(squared_cosine);
  }
  double least() const { return at_zero() + std::min(slope_, 0.0); }  ///< at any r, 0 to 1
  double most() const {
    return at_zero() + std::max(slope_, 0.0) + shrinkage_ * shrinkage_ * norms_ * noises_;
  }
  /// The square of an upper bound on |w - c|, whatever the directions of the errors, for k = 1.
  double worst() const {
    const double errors = (1 + std::sqrt(noise_x_)) * (1 + std::sqrt(noise_y_)) - 1;
    const double bound = std::abs(1 - shrinkage_) + shrinkage_ * errors;
    return norms_ * bound * bound;
  }
  /// @param mean_squared_cosine of all entries: one that came out small may have lost as much to
  /// shrinking as the others
  double standard_deviation(double w, double mean_squared_cosine) const {
    double cosine = squared_cosine(w);
    if (slope_ > 0) cosine = std::max(cosine, mean_squared_cosine);
    return std::sqrt(std::max(0.0, at(std::max(cosine, 0.0))));
  }

  double norms() const { return norms_; }

 private:
  double at_zero() const { return shrinkage_ * shrinkage_ * variance_; }
  double overlap(double r) const {
    return shape_.overlap_x(r, noise_x_) * shape_.overlap_y(r, noise_y_);
  }
  // B² at the cosine that w shows.
  double squared_bias(double squared_cosine) const {
    constexpr double kOrthogonal = 1.0 / 32;  // nearly: errors are not alike at all
    return squared_cosine > kOrthogonal && noises_ > 0 ? bias_that_shows(std::sqrt(squared_cosine))
                                                       : 0;
  }
  double bias_that_shows(double cosine) const;  // B²

  const ProductShape& shape_;
  double noise_x_, noise_y_, noises_;     // v_x v_y where x and y are what was coded, else 0
  double norms_;                          // P
  double shrinkage_, inverse_shrinkage_;  // t, 1 / t
  double variance_;                       // V at r = 0
  double slope_;                          // of the mean squared error without B, with r²
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
