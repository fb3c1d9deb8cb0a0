#include "codes_report.hpp"

#include <algorithm>
#include <cmath>

namespace prodigest::cli {
namespace {

using coding::Gain;
using lattice::LatticeCodes;

// The mean of v = 1/cos² - 1, cos the angle between a column and its codes. Columns that are
// constant have no angle.
double mean_noise(const LatticeCodes& codes) {
  const lattice::LatticeParts& parts = codes.parts();
  double sum = 0;
  Index count = 0;
  for (std::size_t j = 0; j < parts.scale.size(); ++j) {
    sum += static_cast<double>(parts.noise[j]);
    count += parts.scale[j] != 0;
  }
  return sum / static_cast<double>(std::max<Index>(count, 1));
}

// The share of the coordinates that was coded; the others are lost.
double kept(const LatticeCodes& codes) {
  return static_cast<double>(codes.size()) / static_cast<double>(codes.rows());
}

}  // namespace

double bits_on_disk(const LatticeCodes& codes, std::uint64_t bytes) {
  return 8 * static_cast<double>(bytes) /
         (static_cast<double>(codes.rows()) * static_cast<double>(codes.cols()));
}

double relative_error(const LatticeCodes& codes) {
  const double v = mean_noise(codes), k = kept(codes);
  return std::sqrt(k * (codes.spec().gain == Gain::kMmse ? v / (1 + v) : v) + (1 - k));
}

double product_error(const LatticeCodes& codes) {
  const double k = kept(codes), both = std::pow(1 + mean_noise(codes), 2);
  return codes.spec().gain == Gain::kMmse ? 1 - k / both : both / k - 1;
}

}  // namespace prodigest::cli
