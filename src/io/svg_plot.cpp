#include "prodigest/io/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

#include "io/plot_scale.hpp"
#include "io/xml_text.hpp"

namespace prodigest::io {
namespace {

// Pixels of the viewBox. The frame has a fixed size (higher only for many labels); the margins fit
// the texts.
constexpr double kFrameWidth = 540, kFrameHeight = 330, kTop = 64, kBottom = 52;
constexpr double kLineHeight = 17, kCharacter = 7.2;
constexpr std::size_t kColors = 7;

// Okabe-Ito, without yellow on white and without dark blue on black.
constexpr char kStyle[] = R"(
.pd-plot text{font:13px system-ui,"DejaVu Sans",sans-serif;fill:#24292f;stroke:none}
.pd-plot .pd-title{font-size:15px;font-weight:600}
.pd-plot .pd-page{fill:#fff}
.pd-plot .pd-grid{stroke:#d8dee4;stroke-width:1}
.pd-plot .pd-line{fill:none;stroke-width:2.2;stroke-linejoin:round}
.pd-plot .pd-dash{stroke-width:1.6;stroke-dasharray:6 4}
.pd-plot .pd-band{stroke:none;opacity:.16}
.pd-plot .pd-mark{stroke:none}
.pd-plot .pd-lead{fill:none;stroke-width:1;opacity:.45}
.pd-plot .pd-0{fill:#0072b2;stroke:#0072b2}
.pd-plot .pd-1{fill:#d55e00;stroke:#d55e00}
.pd-plot .pd-2{fill:#009e73;stroke:#009e73}
.pd-plot .pd-3{fill:#cc79a7;stroke:#cc79a7}
.pd-plot .pd-4{fill:#e69f00;stroke:#e69f00}
.pd-plot .pd-5{fill:#56b4e9;stroke:#56b4e9}
.pd-plot .pd-6{fill:#24292f;stroke:#24292f}
@media (prefers-color-scheme:dark){
.pd-plot text{fill:#e6edf3}
.pd-plot .pd-page{fill:#0d1117}
.pd-plot .pd-grid{stroke:#30363d}
.pd-plot .pd-0{fill:#56b4e9;stroke:#56b4e9}
.pd-plot .pd-5{fill:#f0e442;stroke:#f0e442}
.pd-plot .pd-6{fill:#e6edf3;stroke:#e6edf3}
}
)";

double width_of(std::string_view text) {
  return kCharacter * static_cast<double>(
                          std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

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

class Canvas {
 public:
  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  void text(double x, double y, std::string_view attributes, std::string_view content) {
    put("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, attributes, xml_text(content));
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

// Shape and colour both tell series apart.
void put_mark(Canvas& canvas, std::size_t shape, double x, double y) {
  constexpr std::array kShapes = {"m-4.2 0a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0 -8.4 0z",
                                  "m-3.8 -3.8h7.6v7.6h-7.6z", "m0 -5.2l5.2 5.2l-5.2 5.2l-5.2 -5.2z",
                                  "m0 -5l4.8 8.4h-9.6z"};
  canvas.put("<path class=\"pd-mark\" d=\"M{:.1f} {:.1f}{}\"/>\n", x, y,
             kShapes[shape % kShapes.size()]);
}

void put_band(Canvas& canvas, const DrawnSeries& series, const PlotScale& x, const PlotScale& y) {
  canvas.put("<path class=\"pd-band\" d=\"");
  char move = 'M';
  for (const PlotPoint& p : series.band)
    canvas.put("{}{:.1f} {:.1f}", std::exchange(move, 'L'), x.pixel(p.x), y.pixel(p.high));
  for (auto p = series.band.rbegin(); p != series.band.rend(); ++p)
    canvas.put("L{:.1f} {:.1f}", x.pixel(p->x), y.pixel(p->low));
  canvas.put("z\"/>\n");
}

void put_line(Canvas& canvas, const DrawnSeries& series, PlotStyle style, const PlotScale& x,
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
    label_width = std::max(label_width, width_of(series.name));
    ++labels;
  }

  const double bottom = kTop + std::max(kFrameHeight, labels * kLineHeight);
  const PlotScale y(plot.y.scale, ys, bottom, kTop);
  double tick_width = 0;
  for (const double tick : y.ticks())
    tick_width = std::max(tick_width, width_of(tick_text(plot.y, tick)));
  const double left = 28 + tick_width, right = left + kFrameWidth;
  const PlotScale x(plot.x.scale, xs, left, right);
  const double width = std::max(right + 40 + label_width, 32 + 1.2 * width_of(plot.title)),
               height = bottom + kBottom;

  Canvas canvas;
  canvas.put(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pd-plot\" role=\"img\" viewBox=\"0 0 "
      "{:.0f} {:.0f}\">\n",
      width, height);
  canvas.put("<title>{}</title>\n<style>{}</style>\n", xml_text(plot.title), kStyle);
  canvas.put("<rect class=\"pd-page\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", width, height);
  canvas.text(16, 26, " class=\"pd-title\"", plot.title);
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
  canvas.put("</svg>\n");
  return std::move(canvas).take();
}

}  // namespace prodigest::io
