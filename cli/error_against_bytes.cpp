#include "error_against_bytes.hpp"

#include <algorithm>
#include <cmath>

#include "compare/quantile.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"

namespace prodigest::cli {

using sampling::RowSample;

RowSample sample_of(const RowSample& whole, const sampling::SampleSpec& spec,
                    const Session& session) {
  return sampling::sample_rows(whole.values(), spec, whole.row_ids(), whole.schema(),
                               session.context("sampling"));
}

std::uint64_t bytes_of(const RowSample& a, const RowSample& b) {
  return to_bytes(a).size() + to_bytes(b).size();
}

std::vector<ErrorPoint> error_against_bytes(const compare::KnownProduct& known,
                                            sampling::SampleSpec spec, std::span<const Index> sizes,
                                            int seeds, const Session& session) {
  std::vector<ErrorPoint> points(sizes.size());
  std::vector<std::vector<double>> errors(sizes.size());
  spec.size = sizes.back();
  for (int s = 0; s < seeds; ++s, ++spec.seed.value) {
    // Every smaller sample is part of the largest, bit for bit.
    const RowSample a = sample_of(known.a, spec, session), b = sample_of(known.b, spec, session);
    for (std::size_t t = 0; t < sizes.size(); ++t) {
      const RowSample small_a = truncate(a, sizes[t]), small_b = truncate(b, sizes[t]);
      const Matrix<double> estimate =
          estimate_product(small_a, small_b, {}, session.context("product")).value;
      errors[t].push_back(known.relative_error(estimate));
      points[t].bytes += static_cast<double>(bytes_of(small_a, small_b));
    }
  }
  for (std::size_t t = 0; t < sizes.size(); ++t) {
    points[t].size = sizes[t];
    points[t].bytes /= seeds;
    points[t].low = compare::quantile(errors[t], 0.25);
    points[t].median = compare::quantile(errors[t], 0.5);
    points[t].high = compare::quantile(errors[t], 0.75);
  }
  return points;
}

double median_at(std::span<const ErrorPoint> points, double bytes) {
  const auto above =
      std::ranges::find_if(points, [&](const ErrorPoint& p) { return p.bytes >= bytes; });
  if (above == points.begin()) return points.front().median;
  if (above == points.end()) return points.back().median;
  const ErrorPoint &low = above[-1], &high = above[0];
  const double share = std::log(bytes / low.bytes) / std::log(high.bytes / low.bytes);
  return low.median * std::pow(high.median / low.median, share);
}

}  // namespace prodigest::cli
