#include <algorithm>
#include <cmath>

#include "io/svg_canvas.hpp"
#include "prodigest/io/svg_plot.hpp"

namespace prodigest::io {
namespace {

// Pixels.
constexpr double kTop = 76, kBottom = 16, kRight = 24, kCellHeight = 26, kCellMargin = 10;
// Of the darkest cell: its text has to be read.
constexpr double kMostOpacity = 0.6;

std::string text_of(const HeatMap& map, double value) {
  return map.value_text ? map.value_text(value) : fmt::format("{:.3g}", value);
}

double largest_number(const Matrix<double>& values) {
  double most = 0;
  for (const double x : values.storage)
    if (std::isfinite(x)) most = std::max(most, x);
  return most;
}

// 0 to 1.
double darkness(double value, double most) {
  if (std::isnan(value) || value <= 0) return 0;
  return most > 0 && value < most ? value / most : 1;
}

}  // namespace

std::string to_svg(const HeatMap& map) {
  const Matrix<double>& values = map.values;
  double cell = text_width(std::to_string(values.cols));
  for (const double x : values.storage) cell = std::max(cell, text_width(text_of(map, x)));
  cell += kCellMargin;
  const double numbers = text_width(std::to_string(values.rows));
  const double left = 28 + std::max(numbers, text_width(map.row_label));
  const double right = left + cell * static_cast<double>(values.cols);
  const double bottom = kTop + kCellHeight * static_cast<double>(values.rows);
  SvgCanvas canvas(map.title,
                   std::max({right + kRight, 32 + 1.2 * text_width(map.title),
                             left + text_width(map.column_label) + kRight}),
                   bottom + kBottom);
  canvas.text(left, 48, "", map.column_label);
  canvas.text(left - 8, kTop - 8, " text-anchor=\"end\"", map.row_label);

  const auto x_of = [&](Index column) { return left + cell * static_cast<double>(column); };
  const auto y_of = [&](Index row) { return kTop + kCellHeight * static_cast<double>(row); };
  const double most = largest_number(values);
  canvas.put("<g class=\"pd-0\">\n");
  for (Index i = 0; i < values.rows; ++i)
    for (Index j = 0; j < values.cols; ++j)
      canvas.put(
          "<rect class=\"pd-cell\" stroke=\"none\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
          "height=\"{:.1f}\" "
          "fill-opacity=\"{:.3f}\"/>\n",
          x_of(j), y_of(i), cell - 1, kCellHeight - 1, kMostOpacity * darkness(values(i, j), most));
  canvas.put("</g>\n");
  for (Index j = 0; j < values.cols; ++j)
    canvas.text(x_of(j) + cell / 2, kTop - 8, " class=\"pd-tick\" text-anchor=\"middle\"",
                std::to_string(j + 1));
  for (Index i = 0; i < values.rows; ++i) {
    canvas.text(left - 8, y_of(i) + 17.5, " class=\"pd-tick\" text-anchor=\"end\"",
                std::to_string(i + 1));
    for (Index j = 0; j < values.cols; ++j)
      canvas.text(x_of(j) + cell / 2, y_of(i) + 17.5, " class=\"pd-value\" text-anchor=\"middle\"",
                  text_of(map, values(i, j)));
  }
  return std::move(canvas).take();
}

}  // namespace prodigest::io
