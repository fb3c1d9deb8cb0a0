#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "io/svg_text.hpp"
#include "prodigest/io/svg_plot.hpp"

namespace prodigest::io {
namespace {

using Texts = std::vector<std::string>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

HeatMap map_of(Index rows, Index cols, std::vector<double> values) {
  HeatMap map{.title = "t", .row_label = "layer", .column_label = "head", .values = {rows, cols}};
  map.values.storage = std::move(values);
  return map;
}

Texts opacities(const std::string& svg) {
  const std::regex pattern("fill-opacity=\"([^\"]*)\"");
  Texts found;
  for (std::sregex_iterator it(svg.begin(), svg.end(), pattern), end; it != end; ++it)
    found.push_back((*it)[1]);
  return found;
}

TEST(HeatMap, HasACellANumberAndADarknessForEachValue) {
  const std::string svg = to_svg(map_of(2, 3, {0, 1, 2, 3, 4, 1.2345}));
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_EQ(count(svg, "class=\"pd-cell\""), 6u);
  EXPECT_EQ(texts(svg, "pd-value"), (Texts{"0", "1", "2", "3", "4", "1.23"}));
  EXPECT_EQ(texts(svg, "pd-tick"), (Texts{"1", "2", "3", "1", "2"}));
  EXPECT_EQ(opacities(svg), (Texts{"0.000", "0.150", "0.300", "0.450", "0.600", "0.185"}));
}

TEST(HeatMap, PutsRowsBelowOneAnotherAndColumnsSideBySide) {
  const std::string svg = to_svg(map_of(2, 2, {1, 2, 3, 4}));
  const std::regex pattern("pd-cell[^>]* x=\"(\\S+)\" y=\"(\\S+)\"");
  std::vector<std::pair<double, double>> places;
  for (std::sregex_iterator it(svg.begin(), svg.end(), pattern), end; it != end; ++it)
    places.emplace_back(std::stod((*it)[1]), std::stod((*it)[2]));
  ASSERT_EQ(places.size(), 4u);
  EXPECT_EQ(places[0].second, places[1].second);
  EXPECT_EQ(places[0].first, places[2].first);
  EXPECT_LT(places[0].first, places[1].first);
  EXPECT_LT(places[0].second, places[2].second);
}

TEST(HeatMap, HasAPlaceForWhatIsNoNumber) {
  const std::string svg =
      to_svg(map_of(1, 4, {-1, 2, kInfinity, std::numeric_limits<double>::quiet_NaN()}));
  EXPECT_EQ(opacities(svg), (Texts{"0.000", "0.600", "0.600", "0.000"}));
  EXPECT_EQ(texts(svg, "pd-value"), (Texts{"-1", "2", "inf", "nan"}));
}

TEST(HeatMap, OfZerosAndOfNothingIsOneToo) {
  EXPECT_EQ(opacities(to_svg(map_of(1, 2, {0, 0}))), (Texts{"0.000", "0.000"}));
  EXPECT_TRUE(well_formed(to_svg(HeatMap{})));
}

TEST(HeatMap, SaysValuesAsItIsToldAndEscapesTexts) {
  HeatMap map = map_of(1, 1, {5});
  map.value_text = [](double x) { return fmt::format("<{}>", x); };
  map.title = "a<b>";
  const std::string svg = to_svg(map);
  EXPECT_EQ(texts(svg, "pd-value"), Texts{"&lt;5&gt;"});
  EXPECT_TRUE(well_formed(svg));
}

}  // namespace
}  // namespace prodigest::io
