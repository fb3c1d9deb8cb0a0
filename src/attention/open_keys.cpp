#include "attention/open_keys.hpp"

#include <algorithm>

namespace prodigest::attention {
namespace {

// For a problem that has none.
template <Real T>
HeadState<T> new_state(const Plan& plan, const HeadProblem<T>& problem, AlignedMatrix<T>& open,
                       AlignedMatrix<T>& sums) {
  HeadState<T> state;
  if (problem.state != nullptr) return state;
  open = AlignedMatrix<T>(1, KeyBlock<T>::numbers(plan));
  state.open = open.all();
  if (plan.block < problem.k.rows()) {  // else no block is ever closed
    sums = AlignedMatrix<T>(1, SquareSums<T>::numbers(plan.size, plan.value_dim));
    state.sums = sums.all();
  }
  return state;
}

}  // namespace

template <Real T>
void close_block(const Plan& plan, HeadState<T>& state) {
  const KeyBlock<T> block(state.open.data(), plan);
  const Ones<T> ones;
  SquareSums<T> sums(state.sums, plan.size, plan.value_dim);
  for (Index first = 0; first < state.open_tokens; first += kTile) {
    const Index count = std::min(kTile, state.open_tokens - first);
    sums.add(columns(block.sketches, first, count), T{1}, block.values.slice(first, count),
             ones(count));
    state.empty = false;
  }
  state.open_tokens = 0;
}

template <Real T>
OpenKeys<T>::OpenKeys(const Plan& plan, const PolynomialSketch<T>& sketch,
                      const HeadProblem<T>& problem)
    : plan_(plan),
      sketch_(sketch),
      problem_(problem),
      own_state_(new_state(plan, problem, own_open_, own_sums_)),
      state_(problem.state ? *problem.state : own_state_),
      block_(state_.open.data(), plan),
      sums_(state_.sums, plan.size, plan.value_dim),
      tile_(plan, std::min(kTile, problem.k.rows())) {}

template <Real T>
Index OpenKeys<T>::take(Index first) {
  if (state_.open_tokens == plan_.block) close();
  const Index at = state_.open_tokens;
  const Index count = std::min(plan_.tile(at), problem_.k.rows() - first);
  tile_.load(problem_.k, sketch_, first, count);
  if (plan_.kept > 0) transpose<T>(tile_.rows(), columns(block_.keys, at, count));
  transpose<T>(tile_.sketches(), columns(block_.sketches, at, count));
  problem_.v.load(first, block_.values.slice(at, count));
  state_.open_tokens += count;
  return count;
}

template void close_block(const Plan&, HeadState<float>&);
template void close_block(const Plan&, HeadState<double>&);
template class OpenKeys<float>;
template class OpenKeys<double>;

}  // namespace prodigest::attention
