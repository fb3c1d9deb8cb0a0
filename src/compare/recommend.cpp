#include "prodigest/compare/recommend.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
#include "compare/reason.hpp"

namespace prodigest::compare {
namespace {

constexpr double kNearTie = 1.05;

double budget_bytes(const PairStatistics& pair, const Budget& budget) {
  return budget.unit == Budget::Unit::kShare ? budget.amount * exact_bytes(pair) : budget.amount;
}

// Both sides must use one length; each counting its own rows might find two.
digest::DigestSpec with_length(digest::DigestSpec spec, Index length) {
  if (auto* const op = std::get_if<linear::LinearSpec>(&spec))
    if (op->op == linear::Operator::kHadamard && op->length == 0) op->length = length;
  return spec;
}

Forecast forecast(const PairStatistics& pair, const Method& method, const Budget& budget,
                  double bytes) {
  Forecast result{method, 0, {NAN, NAN}};
  const digest::DigestSpec spec = with_length(method.spec, pair.length);
  if (budget.unit == Budget::Unit::kRows) {
    const auto size = static_cast<Index>(budget.amount);
    if (size >= least_size(pair, spec) && size <= most_size(pair, spec)) result.size = size;
  } else {
    result.size = size_for_bytes(pair, spec, bytes);
  }
  if (result.size == 0) return result;
  result.method.spec = digest::with_size(spec, result.size);
  result.prediction = predict(pair, result.method.spec);
  return result;
}

// The first that is at most a near tie worse than the best.
std::optional<std::size_t> choose(const std::vector<Forecast>& methods) {
  double best = INFINITY;
  for (const Forecast& f : methods)
    if (f.size > 0 && f.prediction.error < best) best = f.prediction.error;
  for (std::size_t i = 0; i < methods.size(); ++i)
    if (methods[i].size > 0 && methods[i].prediction.error <= best * kNearTie) return i;
  return std::nullopt;
}

// A size that the spec will take: as many as the non-zeros of OSNAP, which has 8 of its own.
std::string any_size(std::string_view text) {
  constexpr std::string_view kNonzeros = "nonzeros=";
  const std::size_t at = text.find(kNonzeros);
  if (at == std::string_view::npos) return "8";
  const std::string_view value = text.substr(at + kNonzeros.size());
  return std::string(value.substr(0, value.find(',')));
}

// Those that are not there yet.
void append(std::vector<Method>& methods, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (std::ranges::find(methods, name, &Method::name) == methods.end())
      methods.push_back(parse_method(name));
}

// With a part of the coordinates left out they cover all budgets; each is the best code at some.
void append_codes(std::vector<Method>& methods) {
  append(methods, {"lattice:format=F2,gain=unbiased", "lattice:format=F3,gain=unbiased",
                   "lattice:format=F4pair,gain=unbiased", "lattice:format=lloyd6,gain=unbiased",
                   "lattice:format=I8,gain=unbiased"});
}

bool can_be_coded(const PairStatistics& pair) {
  return obstacle(pair, lattice::LatticeSpec{}).empty();
}

// Codes spend as much on a zero as on any entry. Where the fewest bits take more than all rows as
// they are, a sampled row costs less than a coordinate and tells as much.
bool is_worth_coding(const PairStatistics& pair) {
  lattice::LatticeSpec least;
  least.coding.format = coding::Format::kF2;
  return can_be_coded(pair) && predict(pair, least).bytes < exact_bytes(pair);
}

// Of rows of few entries ids and norms are most.
bool are_rows_worth_coding(const PairStatistics& pair) {
  constexpr double kWorthIt = 0.7;
  const auto all = static_cast<Index>(std::ceil(std::max({2.0, pair.a.rows, pair.b.rows})));
  const auto coded = digest::with_size(parse_method("priority:values=lattice:F4").spec, all);
  return predict(pair, coded).bytes < kWorthIt * exact_bytes(pair);
}

}  // namespace

Method parse_method(std::string_view text) {
  if (text.find("size=") != std::string_view::npos)
    fail(ErrorCode::kInvalidArgument,
         "method \"{}\": sizes are filled in for each budget (leave size= out)", text);
  const char separator = text.find(':') == std::string_view::npos ? ':' : ',';
  return {std::string(text),
          digest::parse_digest_spec(fmt::format("{}{}size={}", text, separator, any_size(text)))};
}

std::vector<Method> default_methods(const PairStatistics& pair) {
  std::vector<Method> methods;
  append(methods, {"priority", "priority:mixture=0.5", "priority:weight=norm",
                   "priority:weight=uniform", "threshold", "countsketch"});
  if (pair.length > 0) append(methods, {"srht"});
  const bool codes = is_worth_coding(pair);
  if (are_rows_worth_coding(pair)) {
    append(methods, {"priority:values=lattice:I8"});
    // Where whole columns are coded they do the better.
    if (!codes) append(methods, {"priority:values=lattice:F4", "priority:values=lattice:F2"});
  }
  if (codes) append_codes(methods);
  return methods;
}

std::vector<Method> all_methods(const PairStatistics& pair) {
  std::vector<Method> methods = default_methods(pair);
  append(methods, {"osnap", "sign", "gaussian", "priority:values=lattice:F4"});
  if (!can_be_coded(pair)) return methods;
  append_codes(methods);
  append(methods, {"lattice:format=F4,gain=unbiased", "lattice:format=lloyd4,gain=unbiased",
                   "lattice:format=int4", "lattice:format=group4"});
  return methods;
}

Recommendation recommend(const PairStatistics& pair, const Budget& budget,
                         std::span<const Method> methods) {
  const std::vector<Method> defaults =
      methods.empty() ? default_methods(pair) : std::vector<Method>();
  Recommendation result{.budget = budget, .bytes = budget_bytes(pair, budget)};
  for (const Method& method : methods.empty() ? std::span(defaults) : methods)
    result.methods.push_back(forecast(pair, method, budget, result.bytes));
  result.chosen = choose(result.methods);
  if (budget.unit == Budget::Unit::kRows)
    result.bytes = result.chosen ? result.methods[*result.chosen].prediction.bytes : 0;
  result.reason = reason_for(pair, result);
  return result;
}

Recommendation recommend(const digest::Digest& a, const digest::Digest& b, const Budget& budget,
                         const Context& context) {
  const auto* const left = std::get_if<sampling::RowSample>(&a);
  const auto* const right = std::get_if<sampling::RowSample>(&b);
  if (left == nullptr || right == nullptr)
    fail(ErrorCode::kUnsupported,
         "recommend: expected two row samples, got {} and {}; a linear sketch no longer holds "
         "rows, so it "
         "cannot tell how another method would do (compare the matrices, or sketch both with "
         "priority)",
         digest::to_text(digest::spec_of(a)), digest::to_text(digest::spec_of(b)));
  return recommend(statistics_of(*left, *right, context), budget);
}

}  // namespace prodigest::compare
