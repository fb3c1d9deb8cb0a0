#include <algorithm>
#include <cmath>

#include "attention/block_product.hpp"
#include "attention/open_keys.hpp"
#include "attention/polysketch_attention.hpp"
#include "attention/weighted_mean.hpp"

namespace prodigest::attention {
namespace {

template <Real T>
class Forward {
 public:
  Forward(const AttentionSpec& spec, const PolynomialSketch<T>& sketch,
          const HeadProblem<T>& problem)
      : sketch_(sketch),
        problem_(problem),
        plan_(plan_of(spec, sketch.size(), problem)),
        epsilon_(static_cast<T>(spec.epsilon)),
        keys_(plan_, sketch, problem),
        most_(std::min(kTile, problem.queries[0].q.rows())),
        queries_(plan_, most_),
        scores_(most_, kTile),
        out_(most_, plan_.value_dim),
        totals_(1, most_) {}

  void causal() {
    for (Index first = 0; first < problem_.k.rows();) {
      const Index count = keys_.take(first);
      for (const QueryHead<T>& query : problem_.queries)
        answer(query, first, count, keys_.count() - count + 1);
      first += count;
    }
  }

  void whole() {
    for (Index first = 0; first < problem_.k.rows();) first += keys_.take(first);
    for (const QueryHead<T>& query : problem_.queries)
      for (Index first = 0; first < query.q.rows(); first += kTile)
        answer(query, first, std::min(kTile, query.q.rows() - first), keys_.count());
  }

 private:
  // Query first + i sees the first `visible` + i open keys, and all that are closed.
  void answer(const QueryHead<T>& query, Index first, Index count, Index visible) {
    const MatrixView<T> out = out_.view().slice(0, count);
    const std::span<T> totals(totals_.data(), static_cast<std::size_t>(padded(count)));
    std::ranges::fill(totals, epsilon_);
    for (Index i = 0; i < count; ++i) std::ranges::fill(out.row(i), T{0});
    queries_.load(query.q, sketch_, first, count);
    plan_.for_tiles(visible - 1, keys_.count(), [&](Index key, Index keys, bool local) {
      const bool exact = plan_.is_exact(local);
      const MatrixView<T> scores = columns(scores_.view().slice(0, count), 0, keys);
      multiply_block(plain(queries_.factors(exact)),
                     MatrixView<const T>(columns(keys_.block().factors(exact), key, keys)), scores,
                     Into::kNew);
      weights_of_scores(plan_.weights(local, query.remote_gain, visible - key), scores, totals);
      multiply_block(plain(scores), MatrixView<const T>(keys_.block().values.slice(key, keys)), out,
                     Into::kAdd);
    });
    if (keys_.has_sums())
      keys_.sums().weigh(queries_.columns(), static_cast<T>(query.remote_gain), out, totals);
    finish(query, first, out, totals.first(static_cast<std::size_t>(count)));
  }

  void finish(const QueryHead<T>& query, Index first, MatrixView<T> out,
              std::span<const T> totals) {
    for (std::size_t i = 0; i < totals.size(); ++i)
      if (!std::isfinite(totals[i])) query.q.refuse_overflow(first + static_cast<Index>(i));
    divide_by_totals(out, totals);
    query.out.store(first, out);
    if (!query.denominators.empty()) std::ranges::copy(totals, query.denominators.begin() + first);
  }

  const PolynomialSketch<T>& sketch_;
  const HeadProblem<T>& problem_;
  const Plan plan_;
  const T epsilon_;
  OpenKeys<T> keys_;
  const Index most_;
  SketchedTile<T> queries_;
  AlignedMatrix<T> scores_, out_, totals_;
};

}  // namespace

template <Real T>
void polysketch_forward(const AttentionSpec& spec, const PolynomialSketch<T>& sketch,
                        const HeadProblem<T>& problem) {
  Forward<T> forward(spec, sketch, problem);
  if (problem.causal)
    forward.causal();
  else
    forward.whole();
}

template void polysketch_forward(const AttentionSpec&, const PolynomialSketch<float>&,
                                 const HeadProblem<float>&);
template void polysketch_forward(const AttentionSpec&, const PolynomialSketch<double>&,
                                 const HeadProblem<double>&);

}  // namespace prodigest::attention
