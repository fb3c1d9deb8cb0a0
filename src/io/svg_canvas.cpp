#include "io/svg_canvas.hpp"

#include <algorithm>

#include "io/xml_text.hpp"

namespace prodigest::io {
namespace {

constexpr double kCharacter = 7.2;

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

}  // namespace

double text_width(std::string_view text) {
  return kCharacter * static_cast<double>(
                          std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

SvgCanvas::SvgCanvas(std::string_view title, double width, double height) {
  put("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pd-plot\" role=\"img\" viewBox=\"0 0 "
      "{:.0f} {:.0f}\">\n",
      width, height);
  put("<title>{}</title>\n<style>{}</style>\n", xml_text(title), kStyle);
  put("<rect class=\"pd-page\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", width, height);
  text(16, 26, " class=\"pd-title\"", title);
}

void SvgCanvas::text(double x, double y, std::string_view attributes, std::string_view content) {
  put("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, attributes, xml_text(content));
}

std::string SvgCanvas::take() && {
  put("</svg>\n");
  return std::move(text_);
}

}  // namespace prodigest::io
