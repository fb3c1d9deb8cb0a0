#include "lattice/product_error.hpp"

#include <algorithm>
#include <cmath>

namespace prodigest::lattice {

EntryError::EntryError(const ProductShape& shape, const ProductColumn& x, const ProductColumn& y)
    : norms(x.squared_norm * y.squared_norm),
      shrinkage(shape.factor * shape.kept * x.gain * y.gain),
      noises((1 + std::sqrt(x.noise)) * (1 + std::sqrt(y.noise)) - 1) {
  const double dropped = 1 / shape.kept - 1, unit = norms / shape.rows;
  variance_at_zero =
      unit * ((x.noise + y.noise + x.noise * y.noise) / shape.kept + dropped);
  variance_slope = unit * (dropped - (x.along * x.noise + y.along * y.noise) / shape.kept);
  const double lost = 1 - shrinkage;
  at_zero = shrinkage * shrinkage * variance_at_zero;
  slope = shrinkage * shrinkage * variance_slope + lost * lost * norms;
}

double EntryError::squared_cosine(double w) const {
  const double growth = norms + variance_slope;  // of c² + V with r²
  if (shrinkage == 0 || growth <= 0) return 0;
  const double unbiased = w / shrinkage;
  return (unbiased * unbiased - variance_at_zero) / growth;
}

double EntryError::worst() const {
  return std::sqrt(norms) * (std::abs(1 - shrinkage) + shrinkage * noises);
}

}  // namespace prodigest::lattice
