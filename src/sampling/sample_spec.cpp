#include "prodigest/sampling/sample_spec.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "base/fail.hpp"
#include "prodigest/core/spec_text.hpp"

namespace prodigest::sampling {
namespace {

using namespace std::string_view_literals;

constexpr std::array kWeights = {
    std::pair{"squared_norm"sv, Weight::kSquaredNorm}, std::pair{"norm"sv, Weight::kNorm},
    std::pair{"uniform"sv, Weight::kUniform},          std::pair{"leverage"sv, Weight::kLeverage},
    std::pair{"ridge_leverage"sv, Weight::kRidgeLeverage}, std::pair{"user"sv, Weight::kUser}};
constexpr std::array kTotals = {std::pair{"none"sv, Totals::kNone}, std::pair{"norm"sv, Totals::kNorm},
                                std::pair{"full"sv, Totals::kFull},
                                std::pair{"gram"sv, Totals::kGram}};

template <class Names>
auto value_of(const Names& names, std::string_view key, std::string_view name) {
  std::string known;
  for (const auto& [text, value] : names) {
    if (text == name) return value;
    known.append(known.empty() ? "" : ", ").append(text);
  }
  fail(ErrorCode::kInvalidArgument, "spec: {} must be one of {}, got \"{}\"", key, known, name);
}

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  for (const auto& [text, v] : names)
    if (v == value) return text;
  return "?";
}

constexpr std::string_view kLattice = "lattice:";

std::optional<coding::Coding> parse_values(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.starts_with(kLattice)) text.remove_prefix(kLattice.size());
  return coding::parse_coding(text);
}

// Reading no row leaves no totals.
Totals default_totals(const SampleSpec& spec) {
  return spec.weight == Weight::kUniform ? Totals::kNone : Totals::kNorm;
}

}  // namespace

SampleSpec parse_sample_spec(std::string_view text) {
  SpecText in(text);
  SampleSpec spec;
  if (in.name() == "threshold") {
    const std::string tau = in.take("tau", "adaptive");
    if (tau != "adaptive" && tau != "plain")
      fail(ErrorCode::kInvalidArgument, "spec: tau must be adaptive or plain, got \"{}\"", tau);
    spec.method = tau == "plain" ? Method::kPlainThreshold : Method::kThreshold;
  } else if (in.name() != "priority") {
    fail(ErrorCode::kInvalidArgument,
         "spec \"{}\": expected the method priority or threshold, got \"{}\"", text, in.name());
  }
  spec.size = in.take_index("size", 0);
  spec.seed.value = in.take_unsigned("seed", 0);
  spec.weight = value_of(kWeights, "weight", in.take("weight", "squared_norm"));
  spec.mixture = in.take_number("mixture", 0);
  spec.mean = in.take_number("mean", 0);
  spec.ridge = in.take_number("ridge", 0);
  spec.totals = value_of(kTotals, "totals",
                         in.take("totals", name_of(kTotals, default_totals(spec))));
  spec.values = parse_values(in.take("values", ""));
  in.finish("size, seed, weight, mixture, mean, ridge, totals, values and, for threshold, tau");
  if (spec.size == 0)
    fail(ErrorCode::kInvalidArgument,
         "spec \"{}\": give the number of rows to keep, as in \"{}:size=1000\"", text, in.name());
  validate(spec);
  return spec;
}

std::string to_text(const SampleSpec& spec) {
  SpecWriter out(spec.method == Method::kPriority ? "priority" : "threshold");
  out.put("size", static_cast<std::uint64_t>(spec.size)).put("seed", spec.seed.value);
  if (spec.method == Method::kPlainThreshold) out.put("tau", "plain"sv);
  if (spec.weight != Weight::kSquaredNorm) out.put("weight", name_of(kWeights, spec.weight));
  if (spec.mixture != 0) out.put("mixture", spec.mixture);
  if (spec.mean != 0) out.put("mean", spec.mean);
  if (spec.ridge != 0) out.put("ridge", spec.ridge);
  if (spec.totals != default_totals(spec)) out.put("totals", name_of(kTotals, spec.totals));
  if (spec.values) out.put("values", std::string(kLattice) + coding::to_text(*spec.values));
  return out.text();
}

void validate(const SampleSpec& spec) {
  const Index least = spec.method == Method::kPriority ? 2 : 1;
  if (spec.size < least)
    fail(ErrorCode::kInvalidArgument, "spec: size must be at least {}, got {}{}", least, spec.size,
         spec.size == 1 ? " (with one row of each matrix the error has no bound)" : "");
  if (!(spec.mixture >= 0 && spec.mixture < 1))
    fail(ErrorCode::kInvalidArgument, "spec: mixture must be in [0, 1), got {} (1 is weight=uniform)",
         spec.mixture);
  if (spec.mixture > 0 && (spec.weight == Weight::kUniform || spec.weight == Weight::kUser))
    fail(ErrorCode::kInvalidArgument,
         "spec: mixture adds a uniform part to a computed weight; it cannot go with weight={}",
         name_of(kWeights, spec.weight));
  if (!(spec.mean >= 0) || !std::isfinite(spec.mean) || (spec.mean > 0 && spec.mixture == 0))
    fail(ErrorCode::kInvalidArgument,
         "spec: mean must be a positive number and goes with mixture, got mean={} and mixture={}",
         spec.mean, spec.mixture);
  if (!(spec.ridge >= 0) || !std::isfinite(spec.ridge) ||
      (spec.ridge > 0) != (spec.weight == Weight::kRidgeLeverage))
    fail(ErrorCode::kInvalidArgument,
         "spec: ridge must be positive with weight=ridge_leverage and absent otherwise, got {}",
         spec.ridge);
  if (spec.values && !coding::decodes_to_int8(*spec.values))
    fail(ErrorCode::kInvalidArgument,
         "spec: values must be coded as F4, F4pair, F4fast, F3, F2, I8 or int2 to int8, got {}",
         coding::to_text(*spec.values));
}

bool needs_gram(const SampleSpec& spec) {
  return spec.weight == Weight::kLeverage || spec.weight == Weight::kRidgeLeverage;
}

}  // namespace prodigest::sampling
