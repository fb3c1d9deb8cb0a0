#include "attention/attention_impl.hpp"
#include "attention/exact_attention.hpp"
#include "attention/head_states.hpp"
#include "attention/head_units.hpp"
#include "attention/performer.hpp"
#include "attention/polysketch_attention.hpp"
#include "core/parallel.hpp"

namespace prodigest::attention {
namespace {

constexpr Index kExactQueries =
    1024;  // of a unit of the exact kinds, so that long heads are shared

// Multiply-adds, for the choice of units.
double work_of(std::span<const HeadUnit> units, bool linear, const StateLayout& layout,
               const AttentionShape& shape) {
  double work = 0;
  for (const HeadUnit& unit : units) {
    const auto queries = static_cast<double>(unit.queries);
    if (linear)
      work += queries * static_cast<double>((unit.heads + 1) * layout.sums());
    else
      work += queries * static_cast<double>(unit.heads * unit.tokens.keys *
                                            (shape.head_dim + shape.value_dim));
  }
  return work;
}

// Moves the counts of a state on, or leaves a state that is refused if the call fails.
class MovingState {
 public:
  explicit MovingState(AttentionState& state) : state_(state), fingerprint_(state.fingerprint) {
    state_.fingerprint = 0;
  }
  void done(std::span<const Sequence> sequences, std::span<const Index> open_tokens) {
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      state_.tokens[s] += sequences[s].keys;
      state_.open_tokens[s] = open_tokens[s];
    }
    state_.fingerprint = fingerprint_;
  }

 private:
  AttentionState& state_;
  const std::uint64_t fingerprint_;
};

}  // namespace

template <Real T>
template <class Element>
void Attention<T>::Impl::apply(HeadsView<const Element> q, HeadsView<const Element> k,
                               HeadsView<const Element> v, HeadsView<Element> out,
                               const AttendOptions& options, Denominators<T>* denominators,
                               const Context& context) const {
  check_tensors(spec, shape, shape_of("q", q), shape_of("k", k), shape_of("v", v),
                shape_of("out", out), options.causal);
  const std::vector<Sequence> sequences = sequences_of(options, shape_of("q", q), shape_of("k", k));
  AttentionState* const state = options.state;
  if (state != nullptr) check_state(*state, no_sequences, options.causal, sequences.size());

  const std::vector<HeadUnit> units = is_linear()
                                          ? units_of_key_heads(shape, sequences)
                                          : units_of_queries(shape, sequences, kExactQueries);
  const Inputs<T, Element> inputs{q, k, v, row_norm(spec, query_width(spec, shape))};
  std::span<T> totals;
  if (denominators != nullptr) {
    denominators->values.assign(static_cast<std::size_t>(q.batch * q.heads * q.tokens), T{0});
    totals = denominators->values;
  }
  const auto problem_of = [&](const HeadUnit& unit) {
    HeadProblem<T> problem{.queries = {},
                           .k = inputs.keys(unit),
                           .v = inputs.values(unit),
                           .causal = options.causal,
                           .first_query = unit.first_query};
    for (Index i = 0; i < unit.heads; ++i)
      problem.queries.push_back(
          {inputs.queries("q", q, inputs.norm, unit, i), HeadOut<T>(query_rows(out, unit, i)),
           totals.empty() ? totals : query_numbers(totals, shape, q.tokens, unit, i),
           gains[static_cast<std::size_t>(unit.first_head + i)]});
    return problem;
  };
  const auto solve = [&](const HeadUnit& unit, HeadProblem<T>& problem) {
    const auto g = static_cast<std::size_t>(unit.key_head);
    if (spec.kind == Kind::kPolysketch) return polysketch_forward(spec, sketches[g], problem);
    if (spec.kind == Kind::kPerformer) return performer_forward(spec, directions[g], problem);
    exact_forward(spec, problem);
  };
  const auto for_units = [&](const auto& body) {
    const auto count = std::ssize(units);
    const double work = work_of(units, is_linear(), no_sequences.layout, shape);
    parallel_blocks(context, count, units_a_thread(work, count), [&](Index first, Index some) {
      for (Index u = first; u < first + some; ++u) body(units[static_cast<std::size_t>(u)]);
    });
  };

  if (state == nullptr)
    return for_units([&](const HeadUnit& unit) {
      HeadProblem<T> problem = problem_of(unit);
      solve(unit, problem);
    });
  for_units([&](const HeadUnit& unit) {  // before anything is changed
    const HeadProblem<T> problem = problem_of(unit);
    problem.k.check();
    problem.v.check();
    for (const QueryHead<T>& query : problem.queries) query.q.check();
  });
  MovingState moving(*state);
  std::vector<Index> open_tokens(sequences.size());
  for_units([&](const HeadUnit& unit) {
    HeadState<T> own = head_state<T>(*state, unit.sequence, unit.key_head);
    HeadProblem<T> problem = problem_of(unit);
    problem.state = &own;
    solve(unit, problem);
    if (unit.key_head == 0) open_tokens[static_cast<std::size_t>(unit.sequence)] = own.open_tokens;
  });
  moving.done(sequences, open_tokens);
}

template void Attention<float>::Impl::apply(HeadsView<const float>, HeadsView<const float>,
                                            HeadsView<const float>, HeadsView<float>,
                                            const AttendOptions&, Denominators<float>*,
                                            const Context&) const;
template void Attention<float>::Impl::apply(HeadsView<const BFloat16>, HeadsView<const BFloat16>,
                                            HeadsView<const BFloat16>, HeadsView<BFloat16>,
                                            const AttendOptions&, Denominators<float>*,
                                            const Context&) const;
template void Attention<double>::Impl::apply(HeadsView<const double>, HeadsView<const double>,
                                             HeadsView<const double>, HeadsView<double>,
                                             const AttendOptions&, Denominators<double>*,
                                             const Context&) const;

}  // namespace prodigest::attention
