#include "kernel/sampled_product.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
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

constexpr double kAimedAt = 0.8;    // of the squared error allowed
constexpr double kEven = 1.25;      // bound / error, where all rows looked at err alike
constexpr double kSmall = 0.85;     // error / epsilon
constexpr double kMostKeys = 0.75;  // taken for a query in all samples; more, and every key is
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
        y_(plan.queries(), x.values.cols),
        groups_(static_cast<std::size_t>(plan.query_cells.count()), Group::kNew) {}

  // Whether a product was made that is as good as it should be; else the report says why not.
  bool run(ProductReport& report) {
    const double allowed = plan_.spec.epsilon * plan_.spec.epsilon;
    double aim = kAimedAt * allowed;
    report.attempts = 0;
    if (!sample_more(aim, false, report)) return false;
    for (int test = 0, look = 0; test < Verification::kTests; ++test) {
      // First the cells of queries that hold rows to be verified, so that a bad sample costs
      // little.
      multiply(verification_.groups(look), report);
      const ErrorEstimate estimate = verify(look, report);
      if (estimate.bound <= plan_.spec.epsilon) {
        finish(report);
        return true;
      }
      const bool surely = estimate.surely_above(plan_.spec.epsilon);
      const bool even = estimate.bound < kEven * estimate.error;
      // Where few rows carry an error that is small enough, only more rows can tell.
      const int looks = even || estimate.error > kSmall * plan_.spec.epsilon
                            ? Verification::kLooks / 2
                            : Verification::kLooks;
      if (!surely && look + 1 < looks) {
        ++look;
        continue;
      }
      // Where few rows carry the error, fresh draws help more than less variance. Steps grow.
      const double passing = even && !surely
                                 ? allowed / (estimate.bound * estimate.bound)
                                 : kAimedAt * allowed / (estimate.error * estimate.error);
      aim *= std::pow(std::clamp(passing, 0.1, even ? 0.95 : 0.9), report.attempts);
      if (!sample_more(aim, even, report)) return false;
      if (!topping_up_) look = 0;
    }
    report.reason =
        fmt::format("the error was still above epsilon after {} attempts", report.attempts);
    return false;
  }

  Matrix<double>& y() { return y_; }

 private:
  enum class Group : char { kNew, kBefore, kMade };  // kBefore: of the samples before this one

  // Chooses a sample that brings the error down to `aim`, anew or `beside` those there are if that
  // spares enough. False if every key may as well be taken.
  bool sample_more(double aim, bool beside, ProductReport& report) {
    ++report.attempts;
    const Seconds choosing;
    const SamplingRate rate = model_.choose(aim, quiet_);
    topping_up_ = false;
    double keys = rate.keys;
    if (beside && square_error_ > aim) {
      const double missing = 1 / (1 / aim - 1 / square_error_);
      const SamplingRate more = model_.choose(missing, quiet_);
      topping_up_ = more.keys < rate.keys / 2;
      if (topping_up_) {
        share_ = square_error_ / (square_error_ + missing);
        more_lambda_ = more.lambda;
        const auto old = static_cast<double>(std::ranges::count(groups_, Group::kMade)) /
                         static_cast<double>(groups_.size());
        keys = old * more.keys + (1 - old) * rate.keys;
      }
    }
    report.pilot_seconds += choosing.passed();
    std::ranges::replace(groups_, Group::kMade, topping_up_ ? Group::kBefore : Group::kNew);
    square_error_ = rate.square_error();
    keys = report.pairs + keys / static_cast<double>(plan_.keys());
    if (keys > kMostKeys) {
      report.reason = fmt::format("sampling would have taken {:.2f} of all keys", keys);
      return false;
    }
    options_ = {
        .lambda = rate.lambda,
        .seed = derived(plan_.spec.seed, call_, static_cast<std::uint32_t>(report.attempts)),
        .clip = rate.clip()};
    return true;
  }

  ErrorEstimate verify(int look, ProductReport& report) {
    const Seconds verifying;
    const ErrorEstimate estimate = verification_.error(y_, look, quiet_);
    report.verify_seconds += verifying.passed();
    report.error = estimate.error;
    report.error_bound = estimate.bound;
    return estimate;
  }

  void finish(ProductReport& report) {
    std::vector<Index> all(groups_.size());
    std::iota(all.begin(), all.end(), Index{0});
    multiply(all, report);
    verification_.replace(y_.view());
    report.pairs += verification_.rows_computed() / static_cast<double>(plan_.queries());
  }

  // Those groups that the sample at hand has not been made of yet.
  void multiply(const std::vector<Index>& groups, ProductReport& report) {
    const Seconds multiplying;
    std::vector<Index> fresh, before;
    for (const Index group : groups)
      if (groups_[group] != Group::kMade)
        (groups_[group] == Group::kNew ? fresh : before).push_back(group);
    double pairs = products_.multiply(fresh, options_, y_.view(), telling_rows(std::ssize(fresh)));
    if (!before.empty()) pairs += top_up(before);
    report.pairs +=
        pairs / (static_cast<double>(plan_.queries()) * static_cast<double>(plan_.keys()));
    for (const Index group : groups) groups_[group] = Group::kMade;
    report.apply_seconds += multiplying.passed();
  }

  // Samples weigh in inverse proportion to their square errors.
  double top_up(const std::vector<Index>& groups) {
    GroupOptions options = options_;
    options.lambda = more_lambda_;
    std::vector<double> before;
    for_rows(groups,
             [&](std::span<double> row) { before.insert(before.end(), row.begin(), row.end()); });
    const double pairs = products_.multiply(groups, options, y_.view(), quiet_);
    auto old = before.begin();
    for_rows(groups, [&](std::span<double> row) {
      for (double& entry : row) entry = *old + share_ * (entry - *old), ++old;
    });
    return pairs;
  }

  template <class Visit>
  void for_rows(const std::vector<Index>& groups, const Visit& visit) {
    const Cells& cells = plan_.query_cells;
    for (const Index group : groups)
      for (Index i = cells.starts[group]; i < cells.starts[group + 1]; ++i)
        visit(y_.view().row(cells.members[i]));
  }

  // Of groups made, rows are told about: as many as groups have on average.
  Context telling_rows(Index groups) const {
    Context told = quiet_;
    if (!context_.progress || groups == 0) return told;
    const Index before = std::ranges::count(groups_, Group::kMade), all = std::ssize(groups_);
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
  std::vector<Group> groups_;  // [cells of queries]
  GroupOptions options_{};     // of the sample at hand, for groups that have none
  double square_error_ = 0;    // expected, of all samples together
  bool topping_up_ = false;    // and then, for groups that have some:
  double share_ = 1;           // the weight of the sample at hand
  float more_lambda_ = 0;      // and its lambda
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
