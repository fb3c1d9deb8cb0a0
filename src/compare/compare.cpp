#include "prodigest/compare/compare.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
#include "compare/centred.hpp"
#include "compare/digest_bytes.hpp"
#include "compare/quantile.hpp"
#include "compare/trial.hpp"
#include "core/digest_checks.hpp"

namespace prodigest::compare {
namespace {

using digest::DigestSpec;

// What one method did at each budget, over the seeds.
using Trials = std::vector<std::vector<Trial>>;

double mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x * x;
  return sum / static_cast<double>(values.size());
}

Spread spread_of(const std::vector<double>& errors) {
  Spread spread{.rms = std::sqrt(mean_square(errors)),
                .low = quantile(errors, 0.25),
                .median = quantile(errors, 0.5),
                .high = quantile(errors, 0.75)};
  double squares = 0;  // of what the squares differ from their mean by
  for (const double x : errors) squares += std::pow(x * x - spread.rms * spread.rms, 2);
  const auto n = static_cast<double>(errors.size());
  if (n > 1 && spread.rms > 0)
    spread.rms_error = std::sqrt(squares / (n - 1) / n) / (2 * spread.rms);
  return spread;
}

Measurement summary_of(const std::vector<Trial>& trials, const Forecast& forecast) {
  Measurement result{.method = forecast.method, .predicted = forecast.prediction.error};
  if (trials.empty()) return result;
  const auto all = [&](auto Trial::*member) {
    std::vector<double> values;
    for (const Trial& t : trials) values.push_back(static_cast<double>(t.*member));
    return values;
  };
  const auto median = [&](auto Trial::*member) { return quantile(all(member), 0.5); };
  result.size = static_cast<Index>(median(&Trial::size));
  result.method.spec = digest::with_size(forecast.method.spec, result.size);
  for (const Trial& t : trials) result.bytes += t.bytes / static_cast<double>(trials.size());
  result.error = spread_of(all(&Trial::error));
  result.estimated = std::sqrt(mean_square(all(&Trial::estimated)));
  result.bound = median(&Trial::bound);
  result.apriori = median(&Trial::apriori);
  result.bound_held = static_cast<int>(
      std::ranges::count_if(trials, [](const Trial& t) { return t.error <= t.bound; }));
  result.digest_seconds = median(&Trial::digest_seconds);
  result.product_seconds = median(&Trial::product_seconds);
  return result;
}

class Contest {
 public:
  Contest(const KnownProduct& known, const CompareOptions& options, const PairStatistics& pair,
          const Context& context)
      : known_(known), options_(options), pair_(pair), context_(context) {}

  /// The method at every budget, for every seed.
  Trials run(const std::vector<Forecast>& forecasts,
             const std::vector<Recommendation>& budgets) const {
    Trials trials(forecasts.size());
    const bool sample = std::holds_alternative<sampling::SampleSpec>(forecasts.front().method.spec);
    for (int s = 0; s < options_.seeds; ++s)
      sample ? run_sample(forecasts, budgets, s, trials)
             : run_each(forecasts, budgets, s, trials);
    return trials;
  }

 private:
  static DigestSpec seeded(const DigestSpec& spec, int s) {
    const Seed seed = std::visit([](const auto& each) { return each.seed; }, spec);
    return digest::with_seed(spec, {seed.value + static_cast<std::uint64_t>(s)});
  }
  static bool in_bytes(const Recommendation& r) { return r.budget.unit != Budget::Unit::kRows; }

  // One pass for all budgets: every smaller sample is part of the largest.
  void run_sample(const std::vector<Forecast>& forecasts,
                  const std::vector<Recommendation>& budgets, int s, Trials& trials) const {
    Index size = 0;
    double bytes = 0;
    for (std::size_t t = 0; t < forecasts.size(); ++t) {
      size = std::max(size, forecasts[t].size);
      if (in_bytes(budgets[t])) bytes = std::max(bytes, budgets[t].bytes);
    }
    if (size == 0) return;
    const DigestSpec spec = seeded(forecasts.front().method.spec, s);
    const Index all = std::max(known_.a.rows(), known_.b.rows()) + 1;
    DigestPair large = digest_both(known_, digest::with_size(spec, size), context_);
    while (large.bytes() < bytes && size < all)  // what was forecast is a mean
      large = digest_both(known_, digest::with_size(spec, size += size / 4 + 16), context_);
    for (std::size_t t = 0; t < forecasts.size(); ++t) {
      const auto make = [&](Index smaller) { return truncated(large, smaller); };
      add(trials[t], forecasts[t], budgets[t], {least_size(pair_, spec), size, forecasts[t].size, 0},
          make);
    }
  }

  // Linear sketches and codes: every size is made anew.
  void run_each(const std::vector<Forecast>& forecasts,
                const std::vector<Recommendation>& budgets, int s, Trials& trials) const {
    for (std::size_t t = 0; t < forecasts.size(); ++t) {
      if (forecasts[t].size == 0) continue;
      const DigestSpec spec = seeded(forecasts[t].method.spec, s);
      const auto make = [&](Index size) {
        return digest_both(known_, digest::with_size(spec, size), context_);
      };
      // The first seed finds a size that will do for the others.
      const Index guess = trials[t].empty() ? forecasts[t].size : trials[t].back().size;
      const SizeRange range{least_size(pair_, spec), most_size(pair_, spec), guess,
                            header_bytes(pair_.a, spec) + header_bytes(pair_.b, spec)};
      add(trials[t], forecasts[t], budgets[t], range, make);
    }
  }

  template <class Make>
  void add(std::vector<Trial>& trials, const Forecast& forecast, const Recommendation& budget,
           const SizeRange& range, const Make& make) const {
    if (forecast.size == 0) return;
    const std::optional<DigestPair> pair =
        in_bytes(budget) ? largest_within(budget.bytes, range, make) : make(forecast.size);
    if (pair) trials.push_back(measured(known_, *pair, options_.confidence, context_));
  }

  const KnownProduct& known_;
  const CompareOptions& options_;
  const PairStatistics& pair_;
  const Context& context_;
};

std::optional<std::size_t> best_of(const std::vector<Measurement>& measured) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < measured.size(); ++i)
    if (measured[i].size > 0 && (!best || measured[i].error.rms < measured[*best].error.rms))
      best = i;
  return best;
}

void check(const CompareOptions& options) {
  if (options.budgets.empty())
    fail(ErrorCode::kInvalidArgument,
         "compare: expected a size or more, got none (give 1000, 100kB or 5%)");
  if (options.seeds < 1)
    fail(ErrorCode::kInvalidArgument, "compare: seeds must be at least 1, got {}", options.seeds);
  check_product_options({.confidence = options.confidence});
}

}  // namespace

Comparison compare(const KnownProduct& known, const CompareOptions& options,
                   const Context& context) {
  check(options);
  Comparison result{.statistics = statistics_of(known.a, known.b, context), .seeds = options.seeds};
  result.zero_error = known.relative_error(Matrix<double>(known.value.rows, known.value.cols));
  result.statistics.squared_product = result.zero_error * result.zero_error;
  if (result.statistics.same_rows && known.scale() > 0)
    result.statistics.centred_squared_product =
        centred_squared_product(result.statistics, known.value);
  result.exact_bytes = exact_bytes(result.statistics);
  const std::vector<Method> methods =
      options.methods.empty() ? default_methods(result.statistics) : options.methods;

  std::vector<Recommendation> forecasts;
  for (const Budget& budget : options.budgets)
    forecasts.push_back(recommend(result.statistics, budget, methods));
  result.budgets.resize(options.budgets.size());
  const Contest contest(known, options, result.statistics, context);
  for (std::size_t m = 0; m < methods.size(); ++m) {
    std::vector<Forecast> of_method;
    for (const Recommendation& r : forecasts) of_method.push_back(r.methods[m]);
    const Trials trials = contest.run(of_method, forecasts);
    for (std::size_t t = 0; t < trials.size(); ++t)
      result.budgets[t].measured.push_back(summary_of(trials[t], of_method[t]));
  }
  for (std::size_t t = 0; t < forecasts.size(); ++t) {
    result.budgets[t].recommendation = std::move(forecasts[t]);
    result.budgets[t].best = best_of(result.budgets[t].measured);
  }
  return result;
}

}  // namespace prodigest::compare
