#include "io/plot_scale.hpp"

#include <algorithm>
#include <cmath>

namespace prodigest::io {
namespace {

// Ticks in the margin beyond it are still numbers, and differences do not overflow.
constexpr double kLargest = 1e280;

// 1, 2 or 5 times a power of ten, so that about five steps make the span.
double step_of(double span) {
  const double raw = span / 5;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power) return factor * power;
  return 10 * power;
}

std::vector<double> linear_ticks(double low, double high, double step) {
  std::vector<double> ticks;
  // A tick that the axis was stretched to must not be lost to rounding; + 0.0 since -0 reads badly.
  for (double i = std::ceil(low / step - 1e-6); i <= high / step + 1e-6; ++i)
    ticks.push_back(i * step + 0.0);
  return ticks;
}

// low, high: logarithms to base 10.
std::vector<double> log_ticks(double low, double high) {
  const int first = static_cast<int>(std::ceil(low)), last = static_cast<int>(std::floor(high));
  std::vector<double> ticks;
  if (last - first >= 2) {
    const int stride = 1 + (last - first) / 8;
    for (int e = first; e <= last; e += stride) ticks.push_back(std::pow(10, e));
    return ticks;
  }
  for (int e = first - 1; e <= last; ++e)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, e);
      if (std::log10(value) >= low && std::log10(value) <= high) ticks.push_back(value);
    }
  // Between 2 and 5 there may be none of these.
  if (ticks.size() >= 2) return ticks;
  const double least = std::pow(10, low), most = std::pow(10, high);
  return linear_ticks(least, most, step_of(most - least));
}

}  // namespace

bool PlotScale::drawable(AxisScale kind, double value) {
  return std::abs(value) <= kLargest && (kind == AxisScale::kLinear || value >= 1 / kLargest);
}

PlotScale::PlotScale(AxisScale kind, std::span<const double> values, double first, double last)
    : kind_(kind), first_(first), last_(last) {
  const bool log = kind == AxisScale::kLog;
  double low = INFINITY, high = -INFINITY;
  for (const double value : values) {
    if (!drawable(kind, value)) continue;
    low = std::min(low, log ? std::log10(value) : value);
    high = std::max(high, log ? std::log10(value) : value);
  }
  if (low > high) low = 0, high = 1;
  const double magnitude = std::max(std::abs(low), std::abs(high));
  if (!(high - low > 1e-9 * magnitude + 1 / kLargest)) {  // one value: give it room
    const double room = log || magnitude < 1 / kLargest ? 0.5 : magnitude / 2;
    low -= room;
    high += room;
  }
  if (log) {
    const double margin = 0.04 * (high - low);
    low_ = low - margin;
    high_ = high + margin;
    ticks_ = log_ticks(low_, high_);
  } else {
    const double step = step_of(high - low);
    low_ = std::floor(low / step) * step;
    high_ = std::ceil(high / step) * step;
    ticks_ = linear_ticks(low_, high_, step);
  }
}

double PlotScale::pixel(double value) const {
  const double at = kind_ == AxisScale::kLog ? std::log10(value) : value;
  return std::lerp(first_, last_, (at - low_) / (high_ - low_));
}

}  // namespace prodigest::io
