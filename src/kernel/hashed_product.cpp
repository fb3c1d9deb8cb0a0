#include "prodigest/kernel/hashed_product.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include "base/fail.hpp"
#include "core/draws.hpp"
#include "core/parallel.hpp"
#include "kernel/hash_tables.hpp"
#include "kernel/seconds.hpp"
#include "kernel/weight_buckets.hpp"

namespace prodigest::kernel {
namespace {

constexpr char kWhere[] = "hashed_product";
constexpr Index kBlock = 16;  // queries

void check(const HashedSpec& spec, MatrixView<const float> queries, MatrixView<const float> keys,
           MatrixView<const double> x, MatrixView<double> y) {
  const auto require = [](bool holds, std::string_view name, std::string_view allowed, auto got) {
    if (!holds)
      fail(ErrorCode::kInvalidArgument, "{}: {} must be {}, got {}", kWhere, name, allowed, got);
  };
  require(spec.epsilon > 0 && spec.epsilon < 1, "epsilon", "between 0 and 1", spec.epsilon);
  require(spec.heavy > 0 && spec.heavy <= 0.5, "heavy", "above 0 and at most 1/2", spec.heavy);
  require(spec.large > 0 && spec.large < 1, "large", "between 0 and 1", spec.large);
  require(spec.tables >= 0, "tables", "at least 0", spec.tables);
  require(spec.projections >= 1, "projections", "at least 1", spec.projections);
  require(spec.width > 0 && std::isfinite(spec.width), "width", "positive and finite", spec.width);
  require(spec.density_keys >= 1, "density_keys", "at least 1", spec.density_keys);
  require(spec.samples > 0 && std::isfinite(spec.samples), "samples", "positive and finite",
          spec.samples);
  require(spec.repetitions >= 0, "repetitions", "at least 0", spec.repetitions);
  if (x.rows != keys.rows || x.cols != 1)
    fail(ErrorCode::kInvalidArgument, "{}: x must be {} x 1, got {} x {}", kWhere, keys.rows,
         x.rows, x.cols);
  if (y.rows != queries.rows || y.cols != 1)
    fail(ErrorCode::kInvalidArgument, "{}: y must be {} x 1, got {} x {}", kWhere, queries.rows,
         y.rows, y.cols);
  for (Index j = 0; j < x.rows; ++j)
    if (!std::isfinite(x(j, 0)))
      fail(ErrorCode::kInvalidArgument, "{}: x must be finite, got {} in row {}", kWhere, x(j, 0),
           j);
}

// What a query cost.
struct RowCost {
  Index heavy = 0, density_pairs = 0, samples = 0;
  bool exact = false;
};

class HashedProduct {
 public:
  HashedProduct(const CentredPair& points, const HashedSpec& spec, const WeightBuckets& weights,
                Index repetitions)
      : points_(points),
        spec_(spec),
        weights_(weights),
        n_(points.keys.rows.view().rows),
        repetitions_(repetitions),
        least_heavy_(std::pow(static_cast<double>(n_), -spec.heavy)) {}

  // Row i of the product by x of mean square 1.
  double row(Index i, std::vector<std::int32_t> met, RowCost& cost) const {
    double sum = 0;
    for (const std::int32_t j : weights_.large) sum += kernel(i, j) * x(j);
    std::erase_if(met, [&](std::int32_t j) {
      const double value = kernel(i, j);
      if (value < least_heavy_) return true;
      ++cost.heavy;
      if (!is_large(j)) sum += value * x(j);  // else it is in the sum already
      return false;
    });
    const double wanted = spec_.samples * static_cast<double>(n_) * light_squares(i, met, cost) /
                          (spec_.epsilon * spec_.epsilon);
    const double each = std::max(1.0, std::ceil(wanted));
    cost.exact = each * static_cast<double>(repetitions_) > static_cast<double>(n_);
    if (cost.exact) {
      for (Index j = 0; j < n_; ++j) sum += light(i, static_cast<std::int32_t>(j), met);
      return sum;
    }
    cost.samples = static_cast<Index>(each) * repetitions_;
    return sum + median_of_means(i, met, static_cast<Index>(each));
  }

 private:
  double x(Index j) const { return weights_.x[static_cast<std::size_t>(j)]; }
  bool is_large(Index j) const { return weights_.is_large[static_cast<std::size_t>(j)]; }
  double kernel(Index i, Index j) const {
    const auto query = points_.of_queries().rows.view().row(i),
               key = points_.keys.rows.view().row(j);
    double squares = 0;
    for (std::size_t c = 0; c < key.size(); ++c) {
      const double by = double{query[c]} - double{key[c]};
      squares += by * by;
    }
    return std::exp2(-squares / 2);
  }
  // What a key adds that is neither heavy nor large.
  double light(Index i, std::int32_t j, const std::vector<std::int32_t>& heavy) const {
    return is_large(j) || std::ranges::binary_search(heavy, j) ? 0 : kernel(i, j) * x(j);
  }

  // An upper estimate of the sum of x² K² over light keys.
  double light_squares(Index i, const std::vector<std::int32_t>& heavy, RowCost& cost) const {
    double sum = 0;
    for (const WeightBucket& bucket : weights_.buckets) {
      double squares = 0;
      for (const std::int32_t j : bucket.keys)
        if (!std::ranges::binary_search(heavy, j)) squares += std::pow(kernel(i, j), 2);
      const auto kept = std::ssize(bucket.keys);
      cost.density_pairs += kept;
      // A sample may have missed the largest of the squares there may be.
      if (kept < bucket.size) squares += least_heavy_ * least_heavy_;
      sum += bucket.square * squares * static_cast<double>(bucket.size) / static_cast<double>(kept);
    }
    return sum;
  }

  // Each average is of the sum of "every key with probability 1 / n, times n", so many times over:
  // as many keys drawn with replacement have the same mean and no larger variance.
  double median_of_means(Index i, const std::vector<std::int32_t>& heavy, Index each) const {
    std::vector<double> means(static_cast<std::size_t>(repetitions_));
    for (Index t = 0; t < each * repetitions_; ++t) {
      const WordSource source{spec_.seed, Domain::kKernelSample, static_cast<RowId>(i),
                              static_cast<std::uint32_t>(t), 0};
      const auto words = random_block(source.seed, source.domain, source.row, source.block);
      const auto key =
          bounded(words[0] | std::uint64_t{words[1]} << 32, static_cast<std::uint64_t>(n_), source);
      means[static_cast<std::size_t>(t % repetitions_)] +=
          light(i, static_cast<std::int32_t>(key), heavy);
    }
    std::ranges::sort(means);
    const std::size_t middle = means.size() / 2;
    const double median =
        means.size() % 2 == 1 ? means[middle] : (means[middle - 1] + means[middle]) / 2;
    return median * static_cast<double>(n_) / static_cast<double>(each);
  }

  const CentredPair& points_;
  const HashedSpec& spec_;
  const WeightBuckets& weights_;
  Index n_, repetitions_;
  double least_heavy_;
};

void fill_in(const std::vector<RowCost>& costs, HashedReport& report) {
  for (const RowCost& cost : costs) {
    report.heavy_keys += static_cast<double>(cost.heavy);
    report.density_pairs += static_cast<double>(cost.density_pairs);
    report.samples += static_cast<double>(cost.samples);
    report.exact_rows += cost.exact ? 1 : 0;
  }
  for (double* const total :
       {&report.heavy_keys, &report.density_pairs, &report.samples, &report.exact_rows})
    *total /= static_cast<double>(costs.size());
}

}  // namespace

HashedReport hashed_product(MatrixView<const float> queries, MatrixView<const float> keys,
                            const HashedSpec& spec, MatrixView<const double> x,
                            MatrixView<double> y, const Context& context) {
  check(spec, queries, keys, x, y);
  const CentredPair points = centre_points(queries, keys, spec.bandwidth);
  const WeightBuckets weights =
      sort_weights(x, spec.large, spec.epsilon, spec.density_keys, spec.seed);
  HashedReport report;
  for (Index i = 0; i < y.rows; ++i) y(i, 0) = 0;
  if (weights.scale == 0 || queries.rows == 0) return report;
  const double log_n = std::log(static_cast<double>(std::max<Index>(2, keys.rows)));
  report.large_keys = std::ssize(weights.large);
  report.density_structures = std::ssize(weights.buckets);
  report.repetitions =
      spec.repetitions > 0 ? spec.repetitions : static_cast<Index>(std::ceil(10 * log_n));

  const Seconds hashing;
  // The unit of the points is that in which K = 2^(-distance² / 2).
  const double unit = std::sqrt(std::numbers::log2e);
  const HashFamily family{spec.projections, spec.width * unit, spec.seed};
  report.tables =
      spec.tables > 0
          ? spec.tables
          : static_cast<Index>(std::ceil(
                10 * log_n / chance_to_meet(family, unit * std::sqrt(2 * spec.heavy * log_n))));
  const auto met = keys_met(points, family, report.tables, context);
  for (const auto& one : met) report.candidates += static_cast<double>(one.size());
  report.candidates /= static_cast<double>(met.size());
  report.hash_seconds = hashing.passed();

  const Seconds summing;
  const HashedProduct product(points, spec, weights, report.repetitions);
  std::vector<RowCost> costs(met.size());
  parallel_blocks(context, queries.rows, kBlock, [&](Index first, Index count) {
    for (Index i = first; i < first + count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      y(i, 0) = weights.scale * product.row(i, met[at], costs[at]);
    }
  });
  fill_in(costs, report);
  report.sum_seconds = summing.passed();
  return report;
}

}  // namespace prodigest::kernel
