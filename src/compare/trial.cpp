#include "compare/trial.hpp"

#include <chrono>

#include "prodigest/sampling/merge.hpp"

namespace prodigest::compare {
namespace {

using sampling::RowSample;

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

digest::Digest sketch(const RowSample& whole, const digest::DigestSpec& spec,
                      const Context& context) {
  return digest::sketch(whole.values(), spec, ids_of(whole), whole.schema(), context);
}

digest::Digest truncate(const digest::Digest& sample, Index size) {
  return sampling::truncate(std::get<RowSample>(sample), size);
}

}  // namespace

double DigestPair::bytes() const {
  return static_cast<double>(digest::to_bytes(a).size() + digest::to_bytes(b).size());
}

DigestPair digest_both(const KnownProduct& known, const digest::DigestSpec& spec,
                       const Context& context) {
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

Trial measured(const KnownProduct& known, const DigestPair& pair, double confidence,
               const Context& context) {
  ProductEstimate estimate;
  Trial trial{.size = digest::size_of(digest::spec_of(pair.a)),
              .bytes = pair.bytes(),
              .digest_seconds = pair.seconds};
  trial.product_seconds = seconds_of([&] {
    estimate = digest::estimate_product(pair.a, pair.b, {.confidence = confidence}, context);
  });
  const double scale = known.scale();
  const auto share = [&](double error) { return scale == 0 ? 0 : error / scale; };
  trial.error = known.relative_error(estimate.value);
  trial.estimated = share(estimate.frobenius_error.estimated);
  trial.bound = share(estimate.frobenius_error.bound);
  trial.apriori = share(estimate.frobenius_error.apriori);
  return trial;
}

}  // namespace prodigest::compare
