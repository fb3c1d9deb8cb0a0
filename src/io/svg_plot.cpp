#include "prodigest/io/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

#include "io/plot_scale.hpp"
#include "io/svg_canvas.hpp"

namespace prodigest::io {
namespace {

// Pixels of the viewBox. The frame has a fixed size (higher only for many labels); the margins fit
// the texts.
constexpr double kFrameWidth = 540, kFrameHeight = 330, kTop = 64, kBottom = 52;
constexpr double kLineHeight = 17;
constexpr std::size_t kColors = 7;

std::string tick_text(const PlotAxis& axis, double value) {
  return axis.tick_text ? axis.tick_text(value) : fmt::format("{:g}", value);
}

// What of a series has a place on the axes.
struct DrawnSeries {
  std::vector<PlotPoint> points;
  std::vector<PlotPoint> band;
};

DrawnSeries drawn(const LinePlot& plot, const PlotSeries& series) {
  DrawnSeries result;
  for (const PlotPoint& p : series.points) {
    if (!PlotScale::drawable(plot.x.scale, p.x) || !PlotScale::drawable(plot.y.scale, p.y))
      continue;
    result.points.push_back(p);
    if (PlotScale::drawable(plot.y.scale, p.low) && PlotScale::drawable(plot.y.scale, p.high))
      result.band.push_back(p);
  }
  return result;
}

// Moves labels apart that wish to stand at `wished`, keeping their order.
// @pre they fit between top and bottom
std::vector<double> spread_labels(const std::vector<double>& wished, double top, double bottom) {
  std::vector<std::size_t> order(wished.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return wished[i]; });
  std::vector<double> placed = wished;
  double next = top;
  for (const std::size_t i : order) {
    placed[i] = std::max(placed[i], next);
    next = placed[i] + kLineHeight;
  }
  double last = bottom;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    placed[*i] = std::min(placed[*i], last);
    last = placed[*i] - kLineHeight;
  }
  return placed;
}

// Shape and colour both tell series apart.
void put_mark(SvgCanvas& canvas, std::size_t shape, double x, double y) {
  constexpr std::array kShapes = {"m-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0 -8.4 0z",
                                  "m-3.8 -3.8h7.6v7.6h-7.6z", "m0 -5.2l5.2 5.2l-5.2 5.2l-5.2 -5.2z",
                                  "m0 -5l4.8 8.4h-9.6z"};
  canvas.put("<path class=\"pd-mark\" d=\"M{:.1f} {:.1f}{}\"/>\n", x, y,
             kShapes[shape % kShapes.size()]);
}

void put_band(SvgCanvas& canvas, const DrawnSeries& series, const PlotScale& x,
              const PlotScale& y) {
  canvas.put("<path class=\"pd-band\" d=\"");
  char move = 'M';
  for (const PlotPoint& p : series.band)
    canvas.put("{}{:.1f} {:.1f}", std::exchange(move, 'L'), x.pixel(p.x), y.pixel(p.high));
  for (auto p = series.band.rbegin(); p != series.band.rend(); ++p)
    canvas.put("L{:.1f} {:.1f}", x.pixel(p->x), y.pixel(p->low));
  canvas.put("z\"/>\n");
}

void put_line(SvgCanvas& canvas, const DrawnSeries& series, PlotStyle style, const PlotScale& x,
              const PlotScale& y) {
  canvas.put("<path class=\"pd-line{}\" d=\"", style == PlotStyle::kDashed ? " pd-dash" : "");
  char move = 'M';
  for (const PlotPoint& p : series.points)
    canvas.put("{}{:.1f} {:.1f}", std::exchange(move, 'L'), x.pixel(p.x), y.pixel(p.y));
  canvas.put("\"/>\n");
}

}  // namespace

std::string to_svg(const LinePlot& plot) {
  std::vector<DrawnSeries> all;
  std::vector<double> xs, ys;
  double label_width = 0, labels = 0;
  for (const PlotSeries& series : plot.series) {
    all.push_back(drawn(plot, series));
    for (const PlotPoint& p : all.back().points) xs.push_back(p.x), ys.push_back(p.y);
    for (const PlotPoint& p : all.back().band) ys.push_back(p.low), ys.push_back(p.high);
    if (all.back().points.empty()) continue;
    label_width = std::max(label_width, text_width(series.name));
    ++labels;
  }

  const double bottom = kTop + std::max(kFrameHeight, labels * kLineHeight);
  const PlotScale y(plot.y.scale, ys, bottom, kTop);
  double tick_width = 0;
  for (const double tick : y.ticks())
    tick_width = std::max(tick_width, text_width(tick_text(plot.y, tick)));
  const double left = 28 + tick_width, right = left + kFrameWidth;
  const PlotScale x(plot.x.scale, xs, left, right);
  const double width = std::max(right + 40 + label_width, 32 + 1.2 * text_width(plot.title)),
               height = bottom + kBottom;

  SvgCanvas canvas(plot.title, width, height);
  canvas.text(16, 50, "", plot.y.label);
  canvas.text((left + right) / 2, bottom + 42, " text-anchor=\"middle\"", plot.x.label);

  for (const double tick : y.ticks()) {
    canvas.put("<path class=\"pd-grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n", left, y.pixel(tick),
               right);
    canvas.text(left - 8, y.pixel(tick) + 4.5, " class=\"pd-tick\" text-anchor=\"end\"",
                tick_text(plot.y, tick));
  }
  for (const double tick : x.ticks()) {
    canvas.put("<path class=\"pd-grid\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>\n", x.pixel(tick), kTop,
               bottom);
    canvas.text(x.pixel(tick), bottom + 20, " class=\"pd-tick\" text-anchor=\"middle\"",
                tick_text(plot.x, tick));
  }

  for (std::size_t s = 0; s < all.size(); ++s) {  // below all lines
    if (all[s].band.empty()) continue;
    canvas.put("<g class=\"pd-{}\">\n", s % kColors);
    put_band(canvas, all[s], x, y);
    canvas.put("</g>\n");
  }
  std::vector<double> ends;
  for (const DrawnSeries& series : all)
    if (!series.points.empty()) ends.push_back(y.pixel(series.points.back().y));
  const std::vector<double> places =
      spread_labels(ends, kTop + kLineHeight / 2, bottom - kLineHeight / 2);
  std::size_t label = 0;
  for (std::size_t s = 0; s < all.size(); ++s) {
    if (all[s].points.empty()) continue;
    canvas.put("<g class=\"pd-{}\">\n", s % kColors);
    const PlotStyle style = plot.series[s].style;
    if (style != PlotStyle::kMarkers) put_line(canvas, all[s], style, x, y);
    if (style != PlotStyle::kDashed)
      for (const PlotPoint& p : all[s].points) put_mark(canvas, s, x.pixel(p.x), y.pixel(p.y));
    const double at = places[label], end = ends[label];
    ++label;
    canvas.put("<path class=\"pd-lead\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}H{:.1f}\"/>\n",
               x.pixel(all[s].points.back().x) + 6, end, right + 6, at, right + 14);
    canvas.text(right + 18, at + 4.5, " class=\"pd-name\"", plot.series[s].name);
    canvas.put("</g>\n");
  }
  return std::move(canvas).take();
}

}  // namespace prodigest::io
