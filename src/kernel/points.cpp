#include "kernel/points.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/fail.hpp"
#include "kernel/point_checks.hpp"

namespace prodigest::kernel {
namespace {

// Farthest that a coordinate may be from the mean, so that squared norms are finite floats. Points
// so far apart, in units of the bandwidth, have kernel 0 unless they are the same.
constexpr double kFarthest = 0x1p50;

void check(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth) {
  constexpr char kWhere[] = "gaussian kernel";
  if (!(bandwidth > 0) || !std::isfinite(bandwidth))
    fail(ErrorCode::kInvalidArgument, "{}: the bandwidth must be positive and finite, got {}",
         kWhere, bandwidth);
  check_points(kWhere, queries, keys);
}

std::vector<double> mean_of(MatrixView<const float> points) {
  std::vector<double> mean(static_cast<std::size_t>(points.cols));
  for (Index i = 0; i < points.rows; ++i)
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += double{points.row(i)[c]};
  for (double& m : mean) m /= static_cast<double>(points.rows);
  return mean;
}

double farthest_from(const std::vector<double>& mean, MatrixView<const float> points) {
  double farthest = 0;
  for (Index i = 0; i < points.rows; ++i)
    for (std::size_t c = 0; c < mean.size(); ++c)
      farthest = std::max(farthest, std::abs(double{points.row(i)[c]} - mean[c]));
  return farthest;
}

CentredPoints centred(MatrixView<const float> points, const std::vector<double>& mean,
                      double scale) {
  CentredPoints out{{points.rows, points.cols}, {}};
  out.offsets.reserve(static_cast<std::size_t>(points.rows));
  for (Index i = 0; i < points.rows; ++i) {
    const auto to = out.rows.view().row(i);
    double squares = 0;
    for (std::size_t c = 0; c < mean.size(); ++c) {
      to[c] = static_cast<float>((double{points.row(i)[c]} - mean[c]) * scale);
      squares += double{to[c]} * double{to[c]};
    }
    out.offsets.push_back(static_cast<float>(-squares / 2));
  }
  return out;
}

}  // namespace

CentredPair centre_points(MatrixView<const float> queries, MatrixView<const float> keys,
                          double bandwidth) {
  check(queries, keys, bandwidth);
  CentredPair pair{.same = are_same(queries, keys), .dim = keys.cols};
  const std::vector<double> mean = mean_of(keys);
  const double farthest = std::max(farthest_from(mean, keys), farthest_from(mean, queries));
  pair.scale = std::sqrt(std::numbers::log2e) / bandwidth;
  if (!(pair.scale * farthest < kFarthest)) pair.scale = farthest > 0 ? kFarthest / farthest : 1;
  pair.keys = centred(keys, mean, pair.scale);
  if (!pair.same) pair.queries = centred(queries, mean, pair.scale);
  return pair;
}

}  // namespace prodigest::kernel
