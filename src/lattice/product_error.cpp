#include "lattice/product_error.hpp"

#include <algorithm>
#include <cmath>

namespace prodigest::lattice {

EntryError::EntryError(const ProductShape& shape, const ProductColumn& x, const ProductColumn& y)
    : shape_(shape),
      noise_x_(x.noise),
      noise_y_(y.noise),
      noises_(x.along * y.along * x.noise * y.noise),
      norms_(x.squared_norm * y.squared_norm),
      shrinkage_(shape.factor * shape.kept * x.gain * y.gain) {
  const double dropped = 1 / shape.kept - 1, unit = norms_ / shape.rows;
  variance_at_zero_ =
      unit * ((x.noise + y.noise + x.noise * y.noise) / shape.kept + dropped);
  variance_slope_ = unit * (dropped - (x.along * x.noise + y.along * y.noise) / shape.kept);
  const double lost = 1 - shrinkage_;
  at_zero_ = shrinkage_ * shrinkage_ * variance_at_zero_;
  slope_ = shrinkage_ * shrinkage_ * variance_slope_ + lost * lost * norms_;
}

double EntryError::squared_cosine(double w) const {
  const double growth = norms_ + variance_slope_;  // of c² + V with r²
  if (shrinkage_ == 0 || growth <= 0) return 0;
  const double unbiased = w / shrinkage_;
  return (unbiased * unbiased - variance_at_zero_) / growth;
}

// The cosine that w shows has the bias in it: r + B / sqrt(P), which grows with r, so that r is found.
double EntryError::squared_bias(double squared_cosine) const {
  constexpr int kHalvings = 30;
  if (squared_cosine <= 0 || noises_ == 0) return 0;
  const auto overlap = [this](double r) {
    return shape_.overlap_x(r, noise_x_) * shape_.overlap_y(r, noise_y_);
  };
  const double shown = std::sqrt(squared_cosine);
  double high = std::min(shown, 1.0), low = 0;
  if (const double bias = std::sqrt(noises_ * overlap(high)); high + bias > shown && bias > 1e-6) {
    low = std::max(0.0, shown - bias);
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (low + high) / 2;
      (middle + std::sqrt(noises_ * overlap(middle)) > shown ? high : low) = middle;
    }
  }
  return norms_ * noises_ * overlap(high);
}

double EntryError::at(double squared_cosine) const {
  return at_zero_ + slope_ * std::min(squared_cosine, 1.0) +
         shrinkage_ * shrinkage_ * squared_bias(squared_cosine);
}

double EntryError::standard_deviation(double w, double mean_squared_cosine) const {
  double cosine = squared_cosine(w);
  if (slope_ > 0) cosine = std::max(cosine, mean_squared_cosine);
  return std::sqrt(std::max(0.0, at(std::max(cosine, 0.0))));
}

double EntryError::least() const { return at_zero_ + std::min(slope_, 0.0); }

double EntryError::most() const {
  return at_zero_ + std::max(slope_, 0.0) +
         shrinkage_ * shrinkage_ * norms_ * noises_;
}

double EntryError::worst() const {
  const double noises = (1 + std::sqrt(noise_x_)) * (1 + std::sqrt(noise_y_)) - 1;
  return std::sqrt(norms_) * (std::abs(1 - shrinkage_) + shrinkage_ * noises);
}

}  // namespace prodigest::lattice
