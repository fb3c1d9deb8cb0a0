#include "prodigest/io/svg_plot.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <regex>

#include "io/svg_text.hpp"

namespace prodigest::io {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

LinePlot plot_of(std::vector<PlotPoint> points, AxisScale scale = AxisScale::kLinear) {
  return {.x = {.scale = scale},
          .y = {.scale = scale},
          .series = {{.name = "s", .points = std::move(points)}}};
}

// The ticks of the y axis come first, from bottom to top.
std::vector<std::string> y_ticks(AxisScale scale, double low, double high) {
  const auto all = texts(
      to_svg({.y = {.scale = scale}, .series = {{.points = {{0, low}, {1, high}}}}}), "pd-tick");
  std::vector<std::string> ticks(all.begin(), all.end());
  ticks.resize(all.size() - 6);  // 0, 0.2, ... 1 of the x axis
  return ticks;
}

using Texts = std::vector<std::string>;

TEST(SvgPlot, MarksLinearAxesInStepsOfOneTwoOrFive) {
  EXPECT_EQ(y_ticks(AxisScale::kLinear, 0, 1), (Texts{"0", "0.2", "0.4", "0.6", "0.8", "1"}));
  EXPECT_EQ(y_ticks(AxisScale::kLinear, -3, 7), (Texts{"-4", "-2", "0", "2", "4", "6", "8"}));
  EXPECT_EQ(y_ticks(AxisScale::kLinear, 0, 230), (Texts{"0", "50", "100", "150", "200", "250"}));
  EXPECT_EQ(y_ticks(AxisScale::kLinear, 1000, 1004),
            (Texts{"1000", "1001", "1002", "1003", "1004"}));
}

TEST(SvgPlot, MarksLogAxesByDecadesOrWithinThem) {
  EXPECT_EQ(y_ticks(AxisScale::kLog, 1e-3, 10), (Texts{"0.001", "0.01", "0.1", "1", "10"}));
  EXPECT_EQ(y_ticks(AxisScale::kLog, 0.04, 0.3), (Texts{"0.05", "0.1", "0.2"}));
  EXPECT_EQ(y_ticks(AxisScale::kLog, 1e-30, 1e30).size(), 8u);
  EXPECT_EQ(y_ticks(AxisScale::kLog, 2.2, 4.4), (Texts{"2.5", "3", "3.5", "4", "4.5"}));
}

TEST(SvgPlot, PutsPointsWhereTheTicksAre) {
  const std::string svg = to_svg(plot_of({{1, 1}, {10, 10}, {100, 100}}, AxisScale::kLog));
  std::smatch line;
  ASSERT_TRUE(std::regex_search(
      svg, line, std::regex("pd-line\" d=\"M(\\S+) (\\S+)L(\\S+) (\\S+)L(\\S+) (\\S+)\"")));
  for (int i = 1; i < 7; i += 2) {
    EXPECT_EQ(count(svg, fmt::format("\"M{} 64.0V", line[i].str())), 1u);      // grid, upright
    EXPECT_EQ(count(svg, fmt::format(" {}H", line[i + 1].str())) >= 1, true);  // and level
  }
  EXPECT_LT(std::stod(line[1]), std::stod(line[3]));
  EXPECT_GT(std::stod(line[2]), std::stod(line[4])) << "larger is higher";
}

TEST(SvgPlot, SaysTicksAsItIsTold) {
  LinePlot plot = plot_of({{1000, 0.01}, {100000, 0.1}}, AxisScale::kLog);
  plot.x.tick_text = [](double x) { return fmt::format("{:g} kB", x / 1000); };
  const Texts ticks = texts(to_svg(plot), "pd-tick");
  EXPECT_NE(std::ranges::find(ticks, "10 kB"), ticks.end());
}

TEST(SvgPlot, LeavesOutWhatHasNoPlace) {
  const std::vector<PlotPoint> points = {{1, 1},     {kNaN, 2}, {2, kInfinity}, {-kInfinity, 3},
                                         {3, 1e281}, {0, 5},    {4, -1},        {5, 2}};
  EXPECT_EQ(count(to_svg(plot_of(points)), "pd-mark\" d"), 4u);
  EXPECT_EQ(count(to_svg(plot_of(points, AxisScale::kLog)), "pd-mark\" d"), 2u)
      << "0 and -1 have no logarithm";
}

TEST(SvgPlot, DrawsABandOnlyWhereItIsGiven) {
  EXPECT_EQ(count(to_svg(plot_of({{1, 1}, {2, 2}})), "pd-band\" d"), 0u);
  const std::string svg = to_svg(plot_of({{1, 2, 1, 3}, {2, 2, kNaN, 3}, {3, 2, 1, 3}}));
  std::smatch band;
  ASSERT_TRUE(std::regex_search(svg, band, std::regex("pd-band\" d=\"M[^L]*L[^L]*L[^L]*L[^L]*z\"")))
      << "two points there, two back";
}

TEST(SvgPlot, DrawsEachStyleItsWay) {
  const auto svg_of = [](PlotStyle style) {
    return to_svg({.series = {{.points = {{1, 1}, {2, 2}}, .style = style}}});
  };
  const auto parts = [](const std::string& svg) {
    return std::array{count(svg, "\"pd-line\""), count(svg, "\"pd-line pd-dash\""),
                      count(svg, "pd-mark\" d")};
  };
  EXPECT_EQ(parts(svg_of(PlotStyle::kLine)), (std::array<std::size_t, 3>{1, 0, 2}));
  EXPECT_EQ(parts(svg_of(PlotStyle::kDashed)), (std::array<std::size_t, 3>{0, 1, 0}));
  EXPECT_EQ(parts(svg_of(PlotStyle::kMarkers)), (std::array<std::size_t, 3>{0, 0, 2}));
}

TEST(SvgPlot, EscapesTextsAndKeepsThemWhole) {
  const std::string svg = to_svg({.title = "a<b>&\"c\"\n√",
                                  .x = {.label = "</svg>"},
                                  .series = {{.name = "<&>", .points = {{1, 1}}}}});
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_NE(svg.find("<title>a&lt;b&gt;&amp;\"c\" √</title>"), std::string::npos);
  EXPECT_EQ(texts(svg, "pd-name"), Texts{"&lt;&amp;&gt;"});
}

TEST(SvgPlot, WithoutPointsIsAnEmptyFrame) {
  for (const LinePlot& plot : {LinePlot{}, plot_of({}), plot_of({{kNaN, kNaN}}, AxisScale::kLog)}) {
    const std::string svg = to_svg(plot);
    EXPECT_TRUE(well_formed(svg));
    EXPECT_FALSE(texts(svg, "pd-tick").empty());
    EXPECT_TRUE(texts(svg, "pd-name").empty()) << "an empty series has no label";
  }
}

TEST(SvgPlot, FollowsTheReadersMode) {
  EXPECT_EQ(count(to_svg(LinePlot{}), "@media (prefers-color-scheme:dark)"), 1u);
}

rc::Gen<double> any_value() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<double>(),
      rc::gen::element(0.0, -0.0, 1.0, kNaN, kInfinity, 1e280, -1e280, 5e-324, 1e-280),
      rc::gen::map(rc::gen::inRange(-1000, 1000), [](int i) { return i / 8.0; }));
}

RC_GTEST_PROP(SvgPlot, IsWellFormedWithinItsBoxAndWithLabelsApart, ()) {
  LinePlot plot;
  plot.x.scale = *rc::gen::element(AxisScale::kLinear, AxisScale::kLog);
  plot.y.scale = *rc::gen::element(AxisScale::kLinear, AxisScale::kLog);
  const int series = *rc::gen::inRange(0, 40);
  for (int s = 0; s < series; ++s) {
    PlotSeries one{
        .name = "series",
        .style = *rc::gen::element(PlotStyle::kLine, PlotStyle::kDashed, PlotStyle::kMarkers)};
    const int points = *rc::gen::inRange(0, 4);
    for (int p = 0; p < points; ++p)
      one.points.push_back({*any_value(), *any_value(), *any_value(), *any_value()});
    plot.series.push_back(one);
  }
  const std::string svg = to_svg(plot);
  RC_ASSERT(svg == to_svg(plot));
  RC_ASSERT(well_formed(svg));
  RC_ASSERT(texts(svg, "pd-tick").size() >= 2u);
  RC_ASSERT(texts(svg, "pd-tick").size() <= 30u);

  std::smatch box;
  RC_ASSERT(std::regex_search(svg, box, std::regex("viewBox=\"0 0 (\\d+) (\\d+)\"")));
  const double width = std::stod(box[1]), height = std::stod(box[2]);
  const std::regex pair("[ML](\\S+) ([^LHVmz\"]+)");
  for (std::sregex_iterator it(svg.begin(), svg.end(), pair), end; it != end; ++it) {
    const double x = std::stod((*it)[1]), y = std::stod((*it)[2]);
    RC_ASSERT((x >= 0 && x <= width && y >= 0 && y <= height));  // false for NaN too
  }

  std::vector<double> places;
  const std::regex name("<text x=\"\\S+\" y=\"(\\S+)\" class=\"pd-name\"");
  for (std::sregex_iterator it(svg.begin(), svg.end(), name), end; it != end; ++it)
    places.push_back(std::stod((*it)[1]));
  std::ranges::sort(places);
  for (std::size_t i = 0; i < places.size(); ++i) {
    RC_ASSERT((places[i] > 0 && places[i] < height));
    if (i > 0) RC_ASSERT(places[i] - places[i - 1] >= 16.8);  // a line, but for rounding
  }
}

}  // namespace
}  // namespace prodigest::io
