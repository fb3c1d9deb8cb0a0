#pragma once
// What the demo found, and how it says so.

#include <string>
#include <vector>

#include "error_against_bytes.hpp"
#include "estimate_report.hpp"
#include "prodigest/core/estimate.hpp"
#include "prodigest/io/svg_plot.hpp"

namespace prodigest::cli {

/// One way to sample both tables, and what came of it.
struct DemoSample {
  std::string name{};
  sampling::SampleSpec spec{};
  std::uint64_t bytes = 0;  ///< of both digests
  ProductEstimate estimate{};
  double actual = 0;  ///< ||W - AᵀB||
};

/// Error against bytes for one product, both ways to sample.
struct DemoCurves {
  double zero = 0;  ///< relative error of the answer 0
  std::vector<ErrorPoint> weighted{}, uniform{};
};

struct DemoFindings {
  std::uint64_t input_bytes = 0;  ///< of both table files
  double scale = 0;               ///< ||A|| ||B||
  double top_share = 0;           ///< of ||A||², in the heaviest thousandth of A's rows
  double partner_share = 0;       ///< of ||A||², in rows that have a row in B
  DemoSample weighted{}, uniform{};
  std::vector<NamedEntry> largest{};  ///< as the weighted sample estimates them
  std::vector<double> exact{};        ///< the same entries
  int seeds = 0;                      ///< behind the curves
  DemoCurves tables{};                ///< of the two tables
  DemoCurves columns{};               ///< of two columns whose heavy rows meet
};

std::string demo_table(const DemoFindings& findings);
std::string demo_entries(const DemoFindings& findings);
/// What a reader may conclude, and what not.
std::string demo_moral(const DemoFindings& findings);
Json demo_json(const DemoFindings& findings);
io::LinePlot demo_plot(std::string title, const DemoCurves& curves, int seeds);

}  // namespace prodigest::cli
