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
  std::string name;
  sampling::SampleSpec spec;
  std::uint64_t bytes = 0;  ///< of both digests
  ProductEstimate estimate;
  double actual = 0;                ///< ||W - AᵀB||
  std::vector<ErrorPoint> curve;    ///< over the seeds
  double heavy_median = 0;          ///< median relative error where the heavy rows meet
};

struct DemoFindings {
  std::uint64_t input_bytes = 0;  ///< of both table files
  int seeds = 0;                  ///< behind each curve
  double scale = 0;               ///< ||A|| ||B||
  double product_norm = 0;        ///< ||AᵀB||, the error of answering 0
  double top_share = 0;           ///< of ||A||², in the heaviest thousandth of A's rows
  double partner_share = 0;       ///< of ||A||², in rows that have a row in B
  DemoSample weighted, uniform;
  std::vector<NamedEntry> largest;  ///< as the weighted sample estimates them
  std::vector<double> exact;        ///< the same entries
};

std::string demo_table(const DemoFindings& findings);
std::string demo_entries(const DemoFindings& findings);
/// What a reader may conclude, and what not.
std::string demo_moral(const DemoFindings& findings);
Json demo_json(const DemoFindings& findings);
/// Relative error against the bytes of both digests.
io::LinePlot demo_plot(const DemoFindings& findings);

}  // namespace prodigest::cli
