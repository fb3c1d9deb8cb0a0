#include "compare/trial.hpp"

#include <algorithm>
#include <chrono>

#include "prodigest/sampling/merge.hpp"

namespace prodigest::compare {
namespace {

using sampling::RowSample;

constexpr double kNearEnough = 0.995;  // of a budget in bytes

template <class Call>
double seconds_of(const Call& call) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  call();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Rows in the order of their numbers need no list of them, which some methods can use.
std::span<const RowId> ids_of(const RowSample& whole) {
  const auto ids = whole.row_ids();
  const bool counted = whole.schema().key.empty() && (ids.empty() || ids.back() + 1 == ids.size());
  return counted ? std::span<const RowId>() : ids;
}

digest::Digest sketch(const RowSample& whole, const digest::DigestSpec& spec, const Context& context) {
  return digest::sketch(whole.values(), spec, ids_of(whole), whole.schema(), context);
}

digest::Digest truncate(const digest::Digest& sample, Index size) {
  return sampling::truncate(std::get<RowSample>(sample), size);
}

}  // namespace

double DigestPair::bytes() const {
  return static_cast<double>(digest::to_bytes(a).size() + digest::to_bytes(b).size());
}

DigestPair digest_both(const KnownProduct& known, const digest::DigestSpec& spec, const Context& context) {
  std::optional<digest::Digest> a, b;
  const double seconds = seconds_of([&] {
    a = sketch(known.a, spec, context);
    b = sketch(known.b, spec, context);
  });
  return {std::move(*a), std::move(*b), seconds};
}

DigestPair truncated(const DigestPair& large, Index size) {
  return {truncate(large.a, size), truncate(large.b, size), large.seconds};
}

std::optional<DigestPair> truncated_to_bytes(const DigestPair& large, double bytes, Index guess) {
  const digest::DigestSpec spec = digest::spec_of(large.a);
  // Size `low` fits, `high` does not; bytes grow about evenly between them.
  Index low = least_size(spec), high = digest::size_of(spec) + 1;
  std::optional<DigestPair> best = truncated(large, low);
  double low_bytes = best->bytes(), high_bytes = large.bytes();
  if (low_bytes > bytes) return std::nullopt;
  if (high_bytes <= bytes) return truncated(large, high - 1);
  for (Index size = guess; low_bytes < kNearEnough * bytes && high - low > 1;) {
    size = std::clamp(size, low + 1, high - 1);
    DigestPair pair = truncated(large, size);
    const double pair_bytes = pair.bytes();
    if (pair_bytes <= bytes) {
      low = size;
      low_bytes = pair_bytes;
      best = std::move(pair);
    } else {
      high = size;
      high_bytes = pair_bytes;
    }
    size = low + static_cast<Index>(static_cast<double>(high - low) * (bytes - low_bytes) / (high_bytes - low_bytes));
  }
  return best;
}

Trial measured(const KnownProduct& known, const DigestPair& pair, double confidence, const Context& context) {
  ProductEstimate estimate;
  Trial trial{.size = digest::size_of(digest::spec_of(pair.a)), .bytes = pair.bytes(), .digest_seconds = pair.seconds};
  trial.product_seconds = seconds_of(
      [&] { estimate = digest::estimate_product(pair.a, pair.b, {.confidence = confidence}, context); });
  const double scale = known.scale();
  const auto share = [&](double error) { return scale == 0 ? 0 : error / scale; };
  trial.error = known.relative_error(estimate.value);
  trial.estimated = share(estimate.frobenius_error.estimated);
  trial.bound = share(estimate.frobenius_error.bound);
  trial.apriori = share(estimate.frobenius_error.apriori);
  return trial;
}

}  // namespace prodigest::compare
