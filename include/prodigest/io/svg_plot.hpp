#pragma once
/// Line charts and heat maps as self-contained SVG, for reports and the web.

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "prodigest/base/matrix.hpp"

namespace prodigest::io {

enum class AxisScale { kLinear, kLog };

struct PlotAxis {
  std::string label{};
  AxisScale scale = AxisScale::kLinear;
  /// How a value reads beside the axis, e.g. "10 kB"; empty: as a plain number.
  std::function<std::string(double)> tick_text{};
};

/// A point, and optionally the band [low, high] about it.
struct PlotPoint {
  double x = 0;
  double y = 0;
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

enum class PlotStyle {
  kLine,     ///< a line with a marker at each point
  kDashed,   ///< a dashed line alone, for theory and reference
  kMarkers,  ///< markers alone
};

/// Points in the order in which the line joins them.
struct PlotSeries {
  std::string name{};
  std::vector<PlotPoint> points{};
  PlotStyle style = PlotStyle::kLine;
};

struct LinePlot {
  std::string title{};
  PlotAxis x{};
  PlotAxis y{};
  std::vector<PlotSeries> series{};
};

/// The plot as an SVG document of its own: UTF-8, equal plots give equal bytes. Series are named
/// where they end, in a colour-blind-safe palette that follows the reader's light or dark mode.
///
/// Texts must be UTF-8; they are escaped. A point that is not finite (or beyond 1e280), and on a
/// log axis one that is not positive, is left out, as is its band. A plot without points is an
/// empty frame.
/// @complexity O(points + series log series)
std::string to_svg(const LinePlot& plot);

/// Numbers in a grid, the larger the darker; rows and columns are numbered from 1.
struct HeatMap {
  std::string title{};
  std::string row_label{}, column_label{};
  Matrix<double> values{};
  /// How a value reads in its cell; empty: with three significant digits.
  std::function<std::string(double)> value_text{};
};

/// As above. Negative values are as light as 0; infinity is as dark as the largest number, and a
/// cell of NaN has no colour.
/// @complexity O(values)
std::string to_svg(const HeatMap& map);

}  // namespace prodigest::io
