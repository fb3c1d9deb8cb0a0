#include <algorithm>
#include <span>
#include <vector>

#include "attention/block_product.hpp"
#include "attention/exact_attention.hpp"
#include "attention/exact_tiles.hpp"
#include "attention/tile_weights.hpp"
#include "attention/weighted_mean.hpp"

namespace prodigest::attention {
namespace {

template <Real T>
struct BackwardPass {
  const HeadProblem<T>& problem;
  HeadGradients<T>& gradients;
  int degree;
  AlignedMatrix<T> scores{std::min(kTileKeys, problem.k.rows()), tile_columns(problem)};
  AlignedMatrix<T> dweights{std::min(kTileKeys, problem.k.rows()), tile_columns(problem)};
};

// Queries and the gradients of their results. A result is a sum of weighted values over a total.
template <Real T>
class BackwardTile {
 public:
  explicit BackwardTile(BackwardPass<T>& pass)
      : pass_(pass),
        q_(tile_columns(pass.problem), pass.problem.k.width()),
        dsums_(tile_columns(pass.problem), pass.problem.v.width()),
        dq_(tile_columns(pass.problem), pass.problem.k.width()),
        q_columns_(pass.problem.k.width(), tile_columns(pass.problem)),
        dsums_columns_(pass.problem.v.width(), tile_columns(pass.problem)),
        columns_(2, tile_columns(pass.problem)) {}

  void begin(Index first, Index count) {
    first_ = first, last_ = first + count - 1, count_ = count * query_heads(pass_.problem);
    for (Index a = 0; a < query_heads(pass_.problem); ++a) load_head(a);
    transpose<T>(q_.view().slice(0, count_), columns(q_columns_.view(), 0, count_));
    transpose<T>(dsums_.view().slice(0, count_), columns(dsums_columns_.view(), 0, count_));
    for (Index i = 0; i < count_; ++i) std::ranges::fill(dq_.view().row(i), T{0});
  }

  void meet(const KeyTile<T>& keys) {
    const Index seen = keys.seen(last_);
    if (seen == 0) return;
    const MatrixView<T> scores = columns(pass_.scores.view().slice(0, seen), 0, count_);
    const MatrixView<T> dweights = columns(pass_.dweights.view().slice(0, seen), 0, count_);
    multiply_block(plain(keys.k(seen)), columns(q_columns_.view(), 0, count_), scores, Into::kNew);
    multiply_block(plain(keys.v(seen)), columns(dsums_columns_.view(), 0, count_), dweights,
                   Into::kNew);
    hide_later_keys(pass_.problem, pass_.degree, keys.first(), first_, scores);
    differentiate(pass_.degree, scores, dweights, GradientColumns<T>{dtotals(), log_totals()});
    multiply_block(plain(scores), dsums_.view().slice(0, count_),
                   pass_.gradients.v.slice(keys.first(), seen), Into::kAdd);
    multiply_block(plain(dweights), q_.view().slice(0, count_),
                   pass_.gradients.k.slice(keys.first(), seen), Into::kAdd);
    multiply_block(transposed(dweights), keys.k(seen), dq_.view().slice(0, count_), Into::kAdd);
  }

  void finish() {
    const Index heads = query_heads(pass_.problem);
    for (Index i = 0; i < count_; ++i) {
      const auto from = dq_.view().row(i);
      const auto to =
          pass_.gradients.queries[static_cast<std::size_t>(i % heads)].q.row(first_ + i / heads);
      std::ranges::transform(from, to, to.begin(), std::plus<>());
    }
  }

 private:
  T* dtotals() { return columns_.view().row_data(0); }
  T* log_totals() { return columns_.view().row_data(1); }

  void load_head(Index a) {
    const Index heads = query_heads(pass_.problem);
    const QueryGradients<T>& given = pass_.gradients.queries[static_cast<std::size_t>(a)];
    pass_.problem.queries[static_cast<std::size_t>(a)].q.load(
        first_, rows_of_head(q_.view().slice(0, count_), a, heads));
    const MatrixView<T> dsums = rows_of_head(dsums_.view().slice(0, count_), a, heads);
    given.dout.load(first_, dsums);
    const auto count = static_cast<std::size_t>(dsums.rows);
    const std::span denominators =
        given.denominators.subspan(static_cast<std::size_t>(first_), count);
    // Weights of the exponential have 1 as their total here.
    const std::vector<T> ones(pass_.degree == 0 ? count : 0, T{1});
    std::vector<T> dtotals_of_head(count);
    divide_by_totals_backward(given.out.slice(first_, dsums.rows), dsums,
                              pass_.degree == 0 ? std::span<const T>(ones) : denominators, dsums,
                              dtotals_of_head);
    for (std::size_t i = 0; i < count; ++i) {
      const Index column = static_cast<Index>(i) * heads + a;
      dtotals()[column] = dtotals_of_head[i];
      log_totals()[column] = denominators[i];
    }
  }

  BackwardPass<T>& pass_;
  Index first_ = 0, last_ = 0;                  // queries
  Index count_ = 0;                             // columns
  AlignedMatrix<T> q_, dsums_, dq_;             // a query a row
  AlignedMatrix<T> q_columns_, dsums_columns_;  // a query a column
  AlignedMatrix<T> columns_;                    // as GradientColumns says
};

}  // namespace

template <Real T>
void exact_backward(const AttentionSpec& spec, const HeadProblem<T>& problem,
                    HeadGradients<T>& gradients) {
  BackwardPass<T> pass{problem, gradients, score_degree(spec)};
  meet_keys<BackwardTile<T>>(pass, problem);
}

template void exact_backward(const AttentionSpec&, const HeadProblem<float>&,
                             HeadGradients<float>&);
template void exact_backward(const AttentionSpec&, const HeadProblem<double>&,
                             HeadGradients<double>&);

}  // namespace prodigest::attention
