#pragma once
// How alike the errors of two columns are. Columns that are nearly equal are rounded to the same
// codes, and what is clipped of one is clipped of the other: the errors then add up in a product.

#include "prodigest/coding/format.hpp"

namespace prodigest::lattice {

/// The correlation rho(r) of the errors of two normal columns with the cosine r, coded alike:
///   clipped |r|³ + (1 - clipped) exp(-decay s - fall s²),  s² = (1 - |r|) / noise.
/// Where formats differ it is at most the geometric mean of both (Cauchy-Schwarz on the terms of
/// rho as a series in r). Fitted to measured curves, docs/theory/lattice.md.
class ErrorOverlap {
 public:
  ErrorOverlap() = default;
  explicit ErrorOverlap(const coding::Coding& coding);

  /// @param cosine |r| in [0, 1]  @param noise of the column
  double operator()(double cosine, double noise) const {
    constexpr double kFar = 6;  // of s²: next to nothing is left of the exponential
    const double cube = clipped_ * cosine * cosine * cosine;
    return 1 - cosine < kFar * noise ? cube + (1 - clipped_) * near(cosine, noise) : cube;
  }

 private:
  double near(double cosine, double noise) const;

  double clipped_ = 0, decay_ = 0, fall_ = 0;
};

}  // namespace prodigest::lattice
