#include "attention/polysketch_plan.hpp"

#include <algorithm>

#include "attention/square_sums.hpp"

namespace prodigest::attention {
namespace {

constexpr Index kMostQuadratic = 4096;  // keys, so that memory stays that of a block

// Whether weighing every pair is less work than sums are.
template <Real T>
bool is_quadratic(const Plan& plan, const HeadProblem<T>& problem) {
  const Index keys = problem.k.rows(), queries = problem.queries[0].q.rows();
  if (keys > kMostQuadratic) return false;
  const auto heads = static_cast<double>(problem.queries.size());
  const double pairs = static_cast<double>(keys) * static_cast<double>(queries);
  const double seen = problem.causal ? pairs / 2 : pairs;
  const auto sums = static_cast<double>(SquareSums<T>::features(plan.size) * plan.value_dim);
  return heads * seen * static_cast<double>(plan.size + plan.value_dim) <=
         sums * (heads * static_cast<double>(queries) + static_cast<double>(keys));
}

}  // namespace

Plan plan_of(const AttentionSpec& spec, Index head_dim, Index sketch_size, Index value_dim) {
  const bool exact = spec.local_block > 0 && spec.degree > 2;  // of degree 2 sketches are exact
  return {.head_dim = head_dim,
          .size = sketch_size,
          .value_dim = value_dim,
          .block = spec.local_block > 0 ? spec.local_block : kTile,
          .local_block = spec.local_block,
          .kept = exact ? head_dim : 0,
          .local_power = exact ? spec.degree : 2};
}

template <Real T>
Plan plan_of(const AttentionSpec& spec, Index sketch_size, const HeadProblem<T>& problem) {
  Plan plan = plan_of(spec, problem.k.width(), sketch_size, problem.v.width());
  if (problem.state != nullptr) return plan;
  const Index keys = std::max<Index>(1, problem.k.rows());
  plan.block = is_quadratic(plan, problem) ? keys : std::min(plan.block, keys);
  return plan;
}

template Plan plan_of(const AttentionSpec&, Index, const HeadProblem<float>&);
template Plan plan_of(const AttentionSpec&, Index, const HeadProblem<double>&);

}  // namespace prodigest::attention
