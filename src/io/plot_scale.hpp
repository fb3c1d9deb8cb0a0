#pragma once
// From values to places along one side of a plot, and which values are marked there.

#include <span>
#include <vector>

#include "prodigest/io/svg_plot.hpp"

namespace prodigest::io {

class PlotScale {
 public:
  /// A scale that spans all drawable values, some or none, from pixel `first` to pixel `last`.
  PlotScale(AxisScale kind, std::span<const double> values, double first, double last);

  /// Whether a value has a place on an axis of that kind.
  static bool drawable(AxisScale kind, double value);

  /// @pre drawable(value)
  double pixel(double value) const;
  /// Ascending, within the span: steps of 1, 2 or 5 times a power of ten, or on a log axis decades.
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  AxisScale kind_;
  double low_ = 0, high_ = 1;  // of values, on a log axis of their logarithms
  double first_, last_;
  std::vector<double> ticks_;
};

}  // namespace prodigest::io
