#include "sampling/candidates.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "prodigest/core/random.hpp"

namespace prodigest::sampling {
namespace {

constexpr std::size_t kSlack = 1024;       // candidates kept beyond need before compacting
constexpr double kRoundingSlack = 1 + 1e-6;  // early drops use rounded sums, so they keep a margin

// The tau with sum of min(1, tau w) = size, if `weights` (descending) holds every weight w with
// tau w >= 1 and remaining(j) is the sum of all weights but the j largest.
template <class Remaining>
double adaptive_tau(Index size, const std::vector<double>& weights, const Remaining& remaining) {
  for (Index certain = 0;; ++certain) {
    const double tau = static_cast<double>(size - certain) / remaining(certain);
    if (certain + 1 == size || certain == std::ssize(weights) ||
        weights[static_cast<std::size_t>(certain)] * tau <= 1)
      return tau;
  }
}

// All weights, the `count` largest first and descending.
std::vector<double> largest_weights_first(const std::vector<Candidate>& list, std::size_t count) {
  std::vector<double> weights(list.size());
  std::ranges::transform(list, weights.begin(), &Candidate::weight);
  const auto middle = weights.begin() + static_cast<std::ptrdiff_t>(std::min(count, weights.size()));
  std::ranges::partial_sort(weights, middle, std::greater<>());
  return weights;
}

// Whether no row of positive weight is missing from the list.
bool holds_all(const ExactSum& total, const std::vector<Candidate>& list) {
  ExactSum here;
  for (const Candidate& c : list) here.add(c.weight);
  ExactSum rest = total;
  rest.subtract(here);
  return rest.rounded() == 0;
}

double exact_tau(Method method, Index size, const ExactSum& total, const std::vector<Candidate>& list) {
  if (method == Method::kPlainThreshold) return static_cast<double>(size) / total.rounded();
  ExactSum rest = total;
  Index taken = 0;
  const std::vector<double> weights = largest_weights_first(list, static_cast<std::size_t>(size));
  return adaptive_tau(size, weights, [&](Index certain) {
    for (; taken < certain; ++taken) {
      ExactSum weight;
      weight.add(weights[static_cast<std::size_t>(taken)]);
      rest.subtract(weight);
    }
    return rest.rounded();
  });
}

}  // namespace

Candidates Candidates::after(const Candidates& before) {
  Candidates part(before.method_, before.size_);
  part.limit_ = before.limit_;
  return part;
}

void Candidates::offer_rows(Seed seed, std::span<const RowId> rows, std::span<const double> weights,
                            std::uint64_t place, std::vector<double>& ranks) {
  ranks.resize(rows.size());
  uniforms(seed, Domain::kRowSelection, rows, ranks);
  for (std::size_t i = 0; i < rows.size(); ++i) ranks[i] /= weights[i];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!(ranks[i] <= limit_) || weights[i] == 0) {
      passed_weight_ += weights[i];
      continue;
    }
    list_.push_back({ranks[i], rows[i], weights[i], place + i});
    if (list_.size() >= room_) compact();
  }
}

void Candidates::absorb(Candidates&& part) {
  passed_weight_ += part.passed_weight_;
  limit_ = std::min(limit_, part.limit_);
  list_.insert(list_.end(), part.list_.begin(), part.list_.end());
  if (list_.size() >= room_) compact();
}

void Candidates::compact() {
  const auto size = static_cast<std::size_t>(size_);
  if (method_ == Method::kPriority) {
    if (list_.size() > size + 1) {  // the sample and the row that sets its tau
      const auto last = list_.begin() + static_cast<std::ptrdiff_t>(size);
      std::ranges::nth_element(list_, last, [](auto& a, auto& b) { return before(a, b); });
      list_.erase(last + 1, list_.end());
      limit_ = std::min(limit_, last->rank);
    }
  } else {
    limit_ = std::min(limit_, tau_so_far() * kRoundingSlack);
    const auto out = std::ranges::partition(list_, [&](auto& c) { return c.rank <= limit_; });
    for (const Candidate& candidate : out) passed_weight_ += candidate.weight;
    list_.erase(out.begin(), out.end());
  }
  room_ = 2 * std::max(list_.size(), size) + kSlack;
}

// Sums are made of the weights left, not by taking the large ones away again, which might leave
// nothing but rounding.
double Candidates::tau_so_far() const {
  const auto size = static_cast<std::size_t>(size_);
  if (method_ == Method::kThreshold && list_.size() <= size) return INFINITY;
  const std::size_t most_certain = method_ == Method::kThreshold ? size : 0;
  const std::vector<double> weights = largest_weights_first(list_, most_certain);
  std::vector<double> rest(weights.size() + 1, passed_weight_);  // but for the j largest
  for (std::size_t j = weights.size(); j > 0; --j) rest[j - 1] = rest[j] + weights[j - 1];
  if (method_ == Method::kPlainThreshold) return static_cast<double>(size_) / rest[0];
  return adaptive_tau(size_, weights, [&](Index certain) { return rest[static_cast<std::size_t>(certain)]; });
}

Cutoff cut_to_sample(Method method, Index size, const ExactSum& total, std::vector<Candidate>& list,
                     std::span<const Cutoff> other_cutoffs) {
  std::ranges::sort(list, [](auto& a, auto& b) { return before(a, b); });
  Cutoff cutoff{INFINITY, 0};
  if (method == Method::kPriority) {
    // The cutoff is the (size + 1)-th of all rows, seen here or known only as another's cutoff.
    std::vector<Cutoff> ranks;
    for (const Candidate& c : list) ranks.push_back({c.rank, c.row});
    for (const Cutoff& c : other_cutoffs)
      if (std::isfinite(c.tau)) ranks.push_back(c);
    const auto order = [](const Cutoff& a, const Cutoff& b) {
      return before(a.tau, a.row, b.tau, b.row);
    };
    std::ranges::sort(ranks, order);
    if (std::ssize(ranks) > size) cutoff = ranks[static_cast<std::size_t>(size)];
  } else {
    const bool keep_all = method == Method::kThreshold && std::ssize(list) <= size && holds_all(total, list);
    if (keep_all) return cutoff;
    cutoff.tau = exact_tau(method, size, total, list);
  }
  std::erase_if(list, [&](const Candidate& c) {
    return !before(c.rank, c.row, cutoff.tau, cutoff.row);
  });
  return cutoff;
}

}  // namespace prodigest::sampling
