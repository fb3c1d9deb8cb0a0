#include "prodigest/compare/predict.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/fail.hpp"
#include "compare/code_error.hpp"
#include "compare/digest_bytes.hpp"
#include "compare/inclusion.hpp"
#include "lattice/column_encoder.hpp"
#include "sampling/row_coder.hpp"

namespace prodigest::compare {
namespace {

using lattice::LatticeSpec;
using linear::LinearSpec;
using linear::Operator;
using sampling::SampleSpec;
using sampling::Weight;

constexpr Index kMostRows = Index{1} << 40;

bool norms_give_weights(const SampleSpec& spec) {
  return spec.weight == Weight::kSquaredNorm || spec.weight == Weight::kNorm ||
         spec.weight == Weight::kUniform;
}

// The spec with weights that norms give, for the bytes of samples with others.
SampleSpec nearest_known(SampleSpec spec) {
  if (!norms_give_weights(spec)) {
    spec.weight = Weight::kSquaredNorm;
    spec.ridge = 0;
  }
  return spec;
}

// Where values are coded, what a row has is bytes of codes and columns in place of entries.
InclusionCurve curve_of(const SideStatistics& side, const SampleSpec& spec) {
  if (!spec.values) return {side, nearest_known(spec)};
  SideStatistics coded = side;
  for (SideStatistics::Row& row : coded.by_weight)
    row.entries = coded_row_bytes(side, *spec.values, row.entries);
  return {coded, nearest_known(spec)};
}

struct Curves {
  InclusionCurve a, b;
  Curves(const PairStatistics& pair, const SampleSpec& spec)
      : a(curve_of(pair.a, spec)), b(curve_of(pair.b, spec)) {}
};

double bytes_of_side(const SideStatistics& side, const InclusionCurve& curve,
                     const SampleSpec& spec, Index size) {
  const double tau = curve.tau(static_cast<double>(size));
  return spec.values ? coded_sample_bytes(side, curve.rows(tau), curve.entries(tau))
                     : sample_bytes(side, curve.rows(tau), curve.entries(tau));
}

double bytes_of(const PairStatistics& pair, const Curves& curves, const SampleSpec& spec,
                Index size) {
  return bytes_of_side(pair.a, curves.a, spec, size) + bytes_of_side(pair.b, curves.b, spec, size);
}

// What coding adds to the squared norm of a row, by that norm: of one with as many entries as rows
// have in the mean.
double noise_of(const SideStatistics& side, const SampleSpec& spec) {
  if (!spec.values || side.nonzero_rows == 0) return 0;
  const auto entries = std::max<Index>(1, std::llround(side.nonzeros / side.nonzero_rows));
  return sampling::row_noise(*spec.values, sampling::coded_size(*spec.values, entries, side.cols));
}

// min(1, weight tau) for a row of that share, tau as the spec's method has it.
class Inclusion {
 public:
  Inclusion(const InclusionCurve& curve, const SampleSpec& spec)
      : curve_(curve), spec_(spec), tau_(curve.tau(static_cast<double>(spec.size))) {}
  double operator()(double share) const {
    const double weight = curve_.weight(share);
    const double tau = spec_.method == sampling::Method::kPriority
                           ? curve_.mean_tau_of_others(static_cast<double>(spec_.size), weight)
                           : tau_;
    return weight == 0 ? 0 : std::min(1.0, weight * tau);
  }

 private:
  const InclusionCurve& curve_;
  const SampleSpec& spec_;
  double tau_;
};

double error_of(const PairStatistics& pair, const Curves& curves, const SampleSpec& spec) {
  if (!norms_give_weights(spec)) return NAN;
  const Inclusion in_a(curves.a, spec), in_b(curves.b, spec);
  const double coded = (1 + noise_of(pair.a, spec)) * (1 + noise_of(pair.b, spec));
  double variance = 0;
  for (const CommonRow& row : pair.common) {
    const double squares = row.share_a * row.share_b;
    if (squares > 0)
      variance +=
          row.count * squares * (coded / std::min(in_a(row.share_a), in_b(row.share_b)) - 1);
  }
  return std::sqrt(std::max(0.0, variance));
}

// The chance that two rows share a sketch row, summed over the sketch's bands: 1/k where bands are
// equal.
double collisions(const LinearSpec& spec) {
  if (spec.op != Operator::kSparse) return 1 / static_cast<double>(spec.size);
  const Index larger = spec.size % spec.nonzeros, band = spec.size / spec.nonzeros;
  const auto bands = static_cast<double>(spec.nonzeros);
  return (static_cast<double>(spec.nonzeros - larger) / static_cast<double>(band) +
          static_cast<double>(larger) / static_cast<double>(band + 1)) /
         (bands * bands);
}

double error_of(const PairStatistics& pair, const LinearSpec& spec) {
  if (pair.a.norm == 0 || pair.b.norm == 0) return 0;
  const auto k = static_cast<double>(spec.size);
  const double variance =
      spec.op == Operator::kGaussian ? 1 + pair.squared_product : pair.linear_variance();
  double c = collisions(spec);
  if (spec.op == Operator::kHadamard) {
    const auto n = static_cast<double>(std::max<Index>(spec.length, 2));
    c = std::max(0.0, n - k) / (k * (n - 1));
  }
  return std::sqrt(c * variance);
}

double bytes_of(const PairStatistics& pair, const LinearSpec& spec) {
  return sketch_bytes(pair.a, spec) + sketch_bytes(pair.b, spec);
}

double bytes_of(const PairStatistics& pair, const LatticeSpec& spec) {
  return codes_bytes(pair.a, spec) + codes_bytes(pair.b, spec);
}

// The largest size in [least, most] that fits, bytes growing with the size; 0 if none.
template <class BytesOf>
Index largest(Index least, Index most, double bytes, const BytesOf& bytes_of) {
  if (least > most || bytes_of(least) > bytes) return 0;
  while (least < most) {
    const Index middle = least + (most - least + 1) / 2;
    if (bytes_of(middle) <= bytes)
      least = middle;
    else
      most = middle - 1;
  }
  return least;
}

}  // namespace

Prediction predict(const PairStatistics& pair, const digest::DigestSpec& spec) {
  if (const auto* const op = std::get_if<LinearSpec>(&spec))
    return {error_of(pair, *op), bytes_of(pair, *op)};
  if (const auto* const codes = std::get_if<LatticeSpec>(&spec))
    return obstacle(pair, spec).empty()
               ? Prediction{code_error(pair, *codes), bytes_of(pair, *codes)}
               : Prediction{NAN, NAN};
  const SampleSpec& sample = std::get<SampleSpec>(spec);
  const Curves curves(pair, sample);
  return {error_of(pair, curves, sample), bytes_of(pair, curves, sample, sample.size)};
}

std::string obstacle(const PairStatistics& pair, const digest::DigestSpec& spec) {
  if (!std::holds_alternative<LatticeSpec>(spec)) return "";
  if (pair.matched_rows)
    return "samples do not tell whether both matrices have the same rows, which codes need";
  if (!pair.same_rows)
    return fmt::format(
        "codes need the same rows on both sides, and of {} rows of A and {} of B {} are in both",
        pair.a.rows, pair.b.rows, pair.common_rows);
  if (pair.a.rows > std::numeric_limits<std::int32_t>::max())
    return fmt::format("codes take up to 2^31 - 1 rows, and there are {}", pair.a.rows);
  const double largest = std::max(pair.a.largest_entry, pair.b.largest_entry);
  if (largest > lattice::kLargestEntry)
    return fmt::format("codes take entries up to {:g} in size, and the largest is {:g} (rescale)",
                       lattice::kLargestEntry, largest);
  return "";
}

Index size_for_bytes(const PairStatistics& pair, const digest::DigestSpec& spec, double bytes) {
  const Index least = least_size(pair, spec), most = most_size(pair, spec);
  if (const auto* const op = std::get_if<LinearSpec>(&spec))
    return largest(least, most, bytes, [&](Index size) {
      LinearSpec sized = *op;
      sized.size = size;
      return bytes_of(pair, sized);
    });
  if (const auto* const codes = std::get_if<LatticeSpec>(&spec)) {
    const double header = header_bytes(pair.a, spec) + header_bytes(pair.b, spec);
    return largest(least, most, bytes - header, [&](Index size) {
      return static_cast<double>((pair.a.cols + pair.b.cols) *
                                 coding::code_bytes(codes->coding, size));
    });
  }
  const SampleSpec& sample = std::get<SampleSpec>(spec);
  const Curves curves(pair, sample);
  const auto all = static_cast<Index>(std::ceil(std::max(pair.a.rows, pair.b.rows)));
  return largest(least, std::max(all, least), bytes,
                 [&](Index size) { return bytes_of(pair, curves, sample, size); });
}

Index least_size(const PairStatistics& pair, const digest::DigestSpec& spec) {
  if (const auto* const op = std::get_if<LinearSpec>(&spec)) return op->nonzeros;
  if (const auto* const codes = std::get_if<LatticeSpec>(&spec))
    // Parts of columns that are not rotated would lose rows.
    return codes->rotation == lattice::Rotation::kNone ? static_cast<Index>(pair.a.rows) : 1;
  return std::get<SampleSpec>(spec).method == sampling::Method::kPriority ? 2 : 1;
}

Index most_size(const PairStatistics& pair, const digest::DigestSpec& spec) {
  if (std::holds_alternative<LatticeSpec>(spec))
    return obstacle(pair, spec).empty() ? static_cast<Index>(pair.a.rows) : 0;
  const auto* const op = std::get_if<LinearSpec>(&spec);
  return op != nullptr && op->op == Operator::kHadamard ? op->length : kMostRows;
}

double share_of_rows(const PairStatistics& pair, const digest::DigestSpec& spec) {
  const auto* const sample = std::get_if<SampleSpec>(&spec);
  if (sample == nullptr) return 0;
  const Curves curves(pair, *sample);
  const auto size = static_cast<double>(sample->size);
  const auto share = [&](const InclusionCurve& curve) {
    return curve.positive_rows() == 0 ? 1 : curve.rows(curve.tau(size)) / curve.positive_rows();
  };
  return std::min(share(curves.a), share(curves.b));
}

double exact_bytes(const PairStatistics& pair) {
  return sample_bytes(pair.a, pair.a.rows, pair.a.nonzeros) +
         sample_bytes(pair.b, pair.b.rows, pair.b.nonzeros);
}

}  // namespace prodigest::compare
