#include "kernel/sampled_product.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/fail.hpp"
#include "kernel/exact_sums.hpp"
#include "kernel/group_products.hpp"
#include "kernel/sampling_rate.hpp"
#include "kernel/seconds.hpp"
#include "kernel/verification.hpp"
#include "prodigest/core/random.hpp"

namespace prodigest::kernel {
namespace {

constexpr double kAimedAt = 0.85;   // of the squared error allowed
constexpr double kMostKeys = 0.75;  // taken for a query in all attempts; more, and every key is
constexpr int kAttempts = 6;
constexpr std::uint32_t kOfVerification = 0;  // numbers below are of attempts

// Seeds of one call, for one purpose each.
Seed derived(Seed seed, std::uint64_t call, std::uint32_t purpose) {
  const auto words = random_block(seed, Domain::kKernelSample, call, purpose + 1);
  return {words[0] | (std::uint64_t{words[1]} << 32)};
}

class Product {
 public:
  Product(const GaussianPlan& plan, const ScaledColumns& x, std::uint64_t call,
          const Context& context)
      : plan_(plan),
        call_(call),
        context_(context),
        quiet_{.threads = context.threads, .cancel = context.cancel},
        keys_(sort_by_weight(plan.key_cells, x.weights)),
        model_(plan.pilot, keys_, x, plan.queries()),
        products_(plan, x, keys_),
        verification_(plan, x.values, derived(plan.spec.seed, call, kOfVerification)),
        y_(plan.queries(), x.values.cols) {}

  // Whether a product was made that is as good as it should be; else the report says why not.
  bool run(ProductReport& report) {
    double aim = kAimedAt * plan_.spec.epsilon * plan_.spec.epsilon;
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
      report.attempts = attempt;
      const Seconds choosing;
      const SamplingRate rate = model_.choose(aim, quiet_);
      report.pilot_seconds += choosing.passed();
      const auto n = static_cast<double>(plan_.keys());
      if (report.pairs + rate.keys / n > kMostKeys) {
        report.reason = fmt::format("sampling would have taken {:.2f} of all keys",
                                    report.pairs + rate.keys / n);
        return false;
      }
      if (made_well(rate, report)) return true;
      const double above = report.error / plan_.spec.epsilon;
      // Steps grow: where keys are missed that matter, less variance alone helps little.
      aim *= std::pow(std::clamp(kAimedAt / (above * above), 0.1, 0.9), attempt);
    }
    report.reason = fmt::format("the error was still above epsilon after {} attempts", kAttempts);
    return false;
  }

  Matrix<double>& y() { return y_; }

 private:
  // First the cells of queries that hold rows to be verified, so that a bad attempt costs little.
  bool made_well(const SamplingRate& rate, ProductReport& report) {
    const GroupOptions options{
        .lambda = rate.lambda,
        .seed = derived(plan_.spec.seed, call_, static_cast<std::uint32_t>(report.attempts)),
        .clip = rate.clip()};
    made_.assign(static_cast<std::size_t>(plan_.query_cells.count()), false);
    bool good = false;
    for (int look = 0; look < Verification::kLooks && !good; ++look) {
      multiply(verification_.groups(look), options, report);
      const Seconds verifying;
      const ErrorEstimate estimate = verification_.error(y_, look, quiet_);
      report.verify_seconds += verifying.passed();
      report.error = estimate.error;
      report.error_bound = estimate.bound;
      good = estimate.bound <= plan_.spec.epsilon;
      if (estimate.surely_above(plan_.spec.epsilon)) return false;
    }
    if (!good) return false;
    std::vector<Index> all(made_.size());
    std::iota(all.begin(), all.end(), Index{0});
    multiply(all, options, report);
    verification_.replace(y_.view());
    report.pairs += verification_.rows_computed() / static_cast<double>(plan_.queries());
    return true;
  }

  // Those groups that are not made yet.
  void multiply(std::vector<Index> groups, const GroupOptions& options, ProductReport& report) {
    const Seconds multiplying;
    std::erase_if(groups, [&](Index group) { return made_[group]; });
    const Context told = telling_rows(std::ssize(groups));
    report.pairs += products_.multiply(groups, options, y_.view(), told) /
                    (static_cast<double>(plan_.queries()) * static_cast<double>(plan_.keys()));
    for (const Index group : groups) made_[group] = true;
    report.apply_seconds += multiplying.passed();
  }

  // Of groups made, rows are told about: as many as groups have on average.
  Context telling_rows(Index groups) const {
    Context told = quiet_;
    if (!context_.progress || groups == 0) return told;
    const Index before = std::ranges::count(made_, true), all = std::ssize(made_);
    told.progress = [this, before, all](Index done) {
      context_.progress(plan_.queries() * (before + done) / all);
    };
    return told;
  }

  const GaussianPlan& plan_;
  std::uint64_t call_;
  const Context& context_;
  Context quiet_;
  WeightedKeys keys_;
  ErrorModel model_;
  GroupProducts products_;
  Verification verification_;
  Matrix<double> y_;
  std::vector<bool> made_;
};

}  // namespace

ProductReport sampled_product(const GaussianPlan& plan, MatrixView<const double> x,
                              MatrixView<double> y, std::uint64_t call, const Context& context) {
  const ScaledColumns scaled = scale_columns(x, plan.key_order);
  ProductReport report;
  if (scaled.largest == 0 || plan.queries() == 0) {
    for (Index i = 0; i < y.rows; ++i) std::ranges::fill(y.row(i), 0.0);
    return report;
  }
  if (plan.can_sample()) {
    Product product(plan, scaled, call, context);
    if (product.run(report)) {
      scaled.restore(product.y(), plan.query_order, y);
      return report;
    }
  } else {
    report.reason = "there are too few points for sampling to pay";
  }
  const Seconds multiplying;
  multiply_every_pair(plan, x, y, context);
  report.exact = true;
  report.error = report.error_bound = 0;
  report.pairs += 1;
  report.apply_seconds += multiplying.passed();
  return report;
}

void multiply_every_pair(const GaussianPlan& plan, MatrixView<const double> x, MatrixView<double> y,
                         const Context& context) {
  Matrix<double> from(x.rows, x.cols), to(y.rows, y.cols);
  for (Index i = 0; i < x.rows; ++i)
    std::ranges::copy(x.row(plan.key_order[i]), from.view().row_data(i));
  multiply_exactly(plan.points, from, to.view(), context);
  for (Index i = 0; i < y.rows; ++i)
    std::ranges::copy(to.view().row(i), y.row_data(plan.query_order[i]));
}

}  // namespace prodigest::kernel
