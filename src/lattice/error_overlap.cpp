#include "lattice/error_overlap.hpp"

#include <cmath>

namespace prodigest::lattice {
namespace {

using coding::Format;

// The share of an error that comes from values beyond the outermost levels.
double clipped_share(const coding::Coding& coding) {
  constexpr double kLloyd[] = {0.22, 0.14, 0.095, 0.05, 0.024};  // 2 to 6 bits
  switch (coding.format) {
    case Format::kF4:
      return 0.0155;
    case Format::kF4pair:
      return 0.0095;
    case Format::kF4fast:
      return 0.055;
    case Format::kF3:
      return 0.014;
    case Format::kF2:
      return 0.19;
    case Format::kInt:
      return coding.bits == 2 ? 0.65 : 0;  // zero is a level, and nearly all is zero
    case Format::kLloyd:
      return kLloyd[coding.bits - 2];
    default:
      return 0;
  }
}

}  // namespace

ErrorOverlap::ErrorOverlap(const coding::Coding& coding) : clipped_(clipped_share(coding)) {
  const bool lattice = coding.format <= Format::kF2;
  decay_ = lattice ? 3.0 : 2.0;
  fall_ = lattice ? 1.3 : 1.1;
}

double ErrorOverlap::near(double cosine, double noise) const {
  const double squared = (1 - cosine) / noise;
  return std::exp(-decay_ * std::sqrt(squared) - fall_ * squared);
}

}  // namespace prodigest::lattice
