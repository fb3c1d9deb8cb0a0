#include "lattice/product_error.hpp"

namespace prodigest::lattice {

// The cosine that w shows has the bias in it: r + B / sqrt(P). That grows with r, so r is found.
double EntryError::bias_that_shows(double cosine) const {
  constexpr int kHalvings = 30;
  const auto bias = [this](double r) { return std::sqrt(noises_ * overlap(r)); };
  double high = std::min(cosine, 1.0), low = std::max(0.0, cosine - bias(high));
  if (norms_ * noises_ * overlap(high) > 1e-3 * variance_)
    for (int i = 0; i < kHalvings && high + bias(high) > cosine; ++i) {
      const double middle = (low + high) / 2;
      (middle + bias(middle) > cosine ? high : low) = middle;
    }
  return norms_ * noises_ * overlap(high);
}

}  // namespace prodigest::lattice
