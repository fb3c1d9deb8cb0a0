#include "compare_page.hpp"

#include <fmt/format.h>

#include <sstream>

#include "compare_report.hpp"
#include "io/xml_text.hpp"
#include "prodigest/base/version.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr char kStyle[] = R"(
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;
color:#24292f;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.5rem}
svg{max-width:100%;height:auto}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #d8dee4}
th{font-weight:600}th:first-child,td:first-child{text-align:left}
tr.recommended{background:#ddf4ff}
pre{overflow-x:auto;font-size:12px}
@media (prefers-color-scheme:dark){
body{color:#e6edf3;background:#0d1117}
th,td{border-color:#30363d}
tr.recommended{background:#0c2d4a}
}
)";

// Text with its line feeds.
std::string xml_lines(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) result += io::xml_text(line) + "\n";
  return result;
}

// The first row holds the names of the columns; `marked` counts the others.
std::string table(const Cells& cells, std::optional<std::size_t> marked = {}) {
  std::string html = "<div class=\"wide\"><table>\n";
  for (std::size_t r = 0; r < cells.size(); ++r) {
    const char* const tag = r == 0 ? "th" : "td";
    html += marked && r == *marked + 1 ? "<tr class=\"recommended\">" : "<tr>";
    // A short row ends in a note.
    for (std::size_t c = 0; c < cells[r].size(); ++c) {
      const std::size_t span = c + 1 == cells[r].size() ? cells[0].size() - c : 1;
      html +=
          fmt::format("<{}{}>{}</{}>", tag, span > 1 ? fmt::format(" colspan=\"{}\"", span) : "",
                      io::xml_text(cells[r][c]), tag);
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

}  // namespace

std::string comparison_page(const compare::Comparison& comparison, const std::string& name_a,
                            const std::string& name_b) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>Which digest suits these "
      "matrices</title>"
      "<style>{}</style></head><body>\n<h1>Which digest suits A = {} and B = {}</h1>\n",
      kStyle, io::xml_text(name_a), io::xml_text(name_b));
  html += table(summary_cells(comparison)) + to_svg(comparison_plot(comparison));
  if (comparison.statistics.same_rows)
    html += "<p>" + io::xml_text(limit_note()) + "</p>\n";
  html += "<h2>The two matrices</h2>\n" + table(pair_cells(comparison.statistics)) + "<p>" +
          io::xml_text(meeting_text(comparison.statistics)) + "</p>\n";
  html += "<p>" + io::xml_text(error_text(comparison)) + "</p>\n";
  for (const compare::BudgetResult& result : comparison.budgets) {
    const compare::Recommendation& r = result.recommendation;
    html += fmt::format("<h2>{}</h2>\n<p>{}</p>\n{}<p>{}</p>\n", io::xml_text(budget_text(r)),
                        io::xml_text(r.reason), table(measured_cells(comparison, result), r.chosen),
                        io::xml_text(limit_text(comparison, r)));
  }
  html += fmt::format(
      "<h2>The same as data</h2>\n<details><summary>JSON</summary><pre "
      "id=\"data\">{}</pre></details>\n"
      "<p>prodigest {}</p></body></html>\n",
      xml_lines(comparison_json(comparison).dump(1, ' ', false, Json::error_handler_t::replace)),
      kVersion);
  return html;
}

}  // namespace prodigest::cli
