#include "prodigest/sampling/product.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "base/fail.hpp"
#include "core/digest_checks.hpp"
#include "core/row_checks.hpp"
#include "core/squared_norms.hpp"
#include "prodigest/core/random.hpp"
#include "sampling/coding_errors.hpp"
#include "sampling/row_store.hpp"
#include "sampling/row_weights.hpp"
#include "sampling/standard_deviations.hpp"
#include "sampling/weighted_product.hpp"

namespace prodigest::sampling {
namespace {

// Squares of norms of both sides are multiplied and divided by p²: beyond double, within long double.
using Wide = long double;

// What the estimator needs to know of one side.
struct Side {
  std::span<const RowId> row_ids;
  std::span<const double> weights;
  double tau;
  double variance_factor;  // its part of MSE / (||A||² ||B||²) in the worst case
  double squared_norm;     // of the whole matrix; infinite if not known
  SideRows rows;
};

// Nothing times what is not known is nothing.
Wide times(Wide a, Wide b) { return a == 0 || b == 0 ? 0 : a * b; }

std::vector<double> norms_of(const RowsView& rows) {
  std::vector<double> norms(static_cast<std::size_t>(rows_of(rows)));
  squared_norms(rows, norms);
  return norms;
}

double variance_factor(const RowSample& sample) {
  const SampleSpec& spec = sample.spec();
  if (sample.complete()) return 0;
  if (spec.weight != Weight::kSquaredNorm) return INFINITY;
  const double rows = static_cast<double>(spec.method == Method::kPriority ? spec.size - 1 : spec.size);
  return 1 / ((1 - spec.mixture) * rows);
}

Side side_of(const RowSample& sample) {
  SideRows rows{sample.values(), norms_of(sample.values())};
  rows.decoded_norms = rows.norms;
  if (sample.spec().values) {
    rows.norms = sample.squared_norms();
    rows.coded = &sample.parts();
  }
  return {sample.row_ids(),
          sample.weights(),
          sample.tau(),
          variance_factor(sample),
          sample.squared_norm().value_or(INFINITY),
          std::move(rows)};
}

// The worst case of both sides' sampling and coding. Coding adds its share of every row, and rows
// that were sampled weigh up to 1 + factor times their share.
double variance_factor(const Side& a, const Side& b) {
  const double factor = a.variance_factor + b.variance_factor;
  const double noise = (1 + largest_noise(a.rows)) * (1 + largest_noise(b.rows)) - 1;
  return noise == 0 ? factor : factor + noise * (1 + factor);
}

// The most that a row which `sample` does not hold may add to the squared error, per unit of the
// other side's squared norm: not having been sampled bounds its weight by u / tau.
double blind_squared_norm(const RowSample& sample, RowId row) {
  if (sample.complete()) return 0;
  const double u = uniform(sample.spec().seed, Domain::kRowSelection, row);
  return most_squared_norm(sample, u / sample.tau());
}

// matches, and blind² so far, to an estimate with its error.
ProductEstimate estimate(const Side& a, const Side& b, const std::vector<Match>& matches, Wide blind_squared,
                         const ProductOptions& options, const Context& context) {
  ProductEstimate result;
  const std::vector<std::size_t> alike = matches_coded_alike(a.rows, b.rows, matches);
  Wide variance = 0, sum = 0, sum_of_squares = 0;
  auto next_alike = alike.begin();
  for (std::size_t t = 0; t < matches.size(); ++t) {
    const auto i = static_cast<std::size_t>(matches[t].a);
    const auto j = static_cast<std::size_t>(matches[t].b);
    const Wide p = 1 / static_cast<Wide>(matches[t].scale);
    const Wide squares = static_cast<Wide>(a.rows.norms[i]) * b.rows.norms[j];
    Wide decoded = static_cast<Wide>(a.rows.decoded_norms[i]) * b.rows.decoded_norms[j];
    if (next_alike != alike.end() && *next_alike == t) {
      decoded *= unbiased_share(a.rows, matches[t].a);
      ++next_alike;
    }
    variance += squares * (1 - p) / (p * p) + (decoded - squares) / (p * p);
    sum += std::sqrt(squares) / p;
    sum_of_squares += squares / (p * p);
  }
  variance = std::max(variance, Wide{0});  // what coding adds may be rounding
  result.value = unbiased_product(a.rows, b.rows, matches, alike, context);
  if (options.standard_deviations)
    result.standard_deviation = standard_deviations(a.rows, b.rows, matches, alike, context);
  result.matched_rows = static_cast<Index>(matches.size());
  result.effective_rows = sum_of_squares > 0 ? static_cast<double>(sum * sum / sum_of_squares) : 0;

  FrobeniusError& error = result.frobenius_error;
  const Wide failure = 1 - static_cast<Wide>(options.confidence);
  error.confidence = options.confidence;
  error.estimated = static_cast<double>(std::sqrt(variance));
  error.blind = static_cast<double>(std::sqrt(blind_squared));
  error.bound = static_cast<double>(std::sqrt(variance / failure + blind_squared));
  error.apriori = static_cast<double>(
      std::sqrt(times(variance_factor(a, b) / failure, times(a.squared_norm, b.squared_norm))));
  return result;
}

}  // namespace

ProductEstimate estimate_product(const RowSample& a, const RowSample& b, const ProductOptions& options,
                                 const Context& context) {
  check_product_options(options);
  check_seeds("product", a.spec().seed, b.spec().seed);
  check_keys_meet("product", a.schema(), b.schema());

  const Side left = side_of(a), right = side_of(b);
  std::vector<Match> matches;
  Wide blind_squared = 0;
  std::size_t i = 0, j = 0;
  while (i < left.row_ids.size() || j < right.row_ids.size()) {
    if (j == right.row_ids.size() || (i < left.row_ids.size() && left.row_ids[i] < right.row_ids[j])) {
      blind_squared += times(left.rows.norms[i], blind_squared_norm(b, left.row_ids[i]));
      ++i;
    } else if (i == left.row_ids.size() || right.row_ids[j] < left.row_ids[i]) {
      blind_squared += times(right.rows.norms[j], blind_squared_norm(a, right.row_ids[j]));
      ++j;
    } else {
      const double p = std::min({1.0, left.weights[i] * left.tau, right.weights[j] * right.tau});
      matches.push_back({static_cast<Index>(i++), static_cast<Index>(j++), 1 / p});
    }
  }
  return estimate(left, right, matches, blind_squared, options, context);
}

struct ExactSide::Impl {
  const RowSample* sample;
  Index cols;
  std::unordered_map<RowId, Index> place;     // of a row in the sample
  std::vector<StoredRow<double>> rows;        // in the order they came
  std::vector<Index> matched;                 // rows[t] meets row matched[t] of the sample
  ExactSum squared_norm;
  Wide blind_squared = 0;

  template <class IdOf>
  void update(const RowsView& block, const IdOf& id_of);
};

ExactSide::ExactSide(const RowSample& sample, Index cols, const Schema& schema)
    : impl_(std::make_unique<Impl>()) {
  check_keys_meet("product", sample.schema(), schema);
  check_cols("product", cols);
  impl_->sample = &sample;
  impl_->cols = cols;
  for (Index i = 0; i < sample.size(); ++i) impl_->place[sample.row_ids()[static_cast<std::size_t>(i)]] = i;
}
ExactSide::ExactSide(ExactSide&&) noexcept = default;
ExactSide& ExactSide::operator=(ExactSide&&) noexcept = default;
ExactSide::~ExactSide() = default;

template <class IdOf>
void ExactSide::Impl::update(const RowsView& block, const IdOf& id_of) {
  if (cols_of(block) != cols)
    fail(ErrorCode::kInvalidArgument, "product: expected rows of {} columns, got {}", cols, cols_of(block));
  const std::vector<double> norms = norms_of(block);
  std::vector<RowId> ids(norms.size());
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = id_of(i);
  check_rows("product", block, norms, ids);
  check_columns("product", block, ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    squared_norm.add(norms[i]);
    const auto found = place.find(ids[i]);
    if (found == place.end()) {
      blind_squared += times(norms[i], blind_squared_norm(*sample, ids[i]));
      continue;
    }
    matched.push_back(found->second);
    std::visit(
        [&](const auto& view) {
          rows.emplace_back(row_ref(view, static_cast<Index>(i)));
        },
        block);
  }
}

void ExactSide::update(const RowsView& block, RowId first_row) {
  impl_->update(block, [&](std::size_t i) { return first_row + i; });
}

void ExactSide::update(const RowsView& block, std::span<const RowId> row_ids) {
  if (std::ssize(row_ids) != rows_of(block))
    fail(ErrorCode::kInvalidArgument, "product: expected a row id for each of {} rows, got {}", rows_of(block), row_ids.size());
  impl_->update(block, [&](std::size_t i) { return row_ids[i]; });
}

double ExactSide::squared_norm() const { return impl_->squared_norm.rounded(); }

ProductEstimate ExactSide::estimate_product(const ProductOptions& options, const Context& context) && {
  check_product_options(options);
  const Impl& impl = *impl_;
  // In the sample's order, so that the order in which the rows came does not show.
  std::vector<std::size_t> order(impl.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t t) { return impl.matched[t]; });
  std::vector<RowRef<double>> rows;
  const Side a = side_of(*impl.sample);
  std::vector<Match> matches;
  for (const std::size_t t : order) {
    const auto i = static_cast<std::size_t>(impl.matched[t]);
    if (!matches.empty() && matches.back().a == impl.matched[t])
      fail(ErrorCode::kInvalidArgument,
           "product: row ids must be unique, got two rows with id {} (combine the rows of a key first)",
           a.row_ids[i]);
    matches.push_back({impl.matched[t], std::ssize(rows), 1 / std::min(1.0, a.weights[i] * a.tau)});
    rows.push_back(impl.rows[t].ref());
  }
  const SampledRows exact = compact_rows<double>(rows, impl.cols);
  const RowsView values = view_of(exact);
  const Side b = {{},
                  {},
                  INFINITY,
                  0,
                  impl.squared_norm.rounded(),
                  {values, norms_of(values), norms_of(values)}};
  return estimate(a, b, matches, impl.blind_squared, options, context);
}

ProductEstimate estimate_product(const RowSample& a, const RowsView& b, std::span<const RowId> row_ids,
                                 const ProductOptions& options, const Context& context) {
  ExactSide side(a, cols_of(b), a.schema());
  side.update(b, row_ids);
  return std::move(side).estimate_product(options, context);
}

}  // namespace prodigest::sampling
