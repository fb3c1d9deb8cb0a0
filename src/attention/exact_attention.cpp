#include "attention/exact_attention.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "attention/block_product.hpp"
#include "attention/exact_tiles.hpp"
#include "attention/row_products.hpp"
#include "attention/tile_weights.hpp"
#include "attention/weighted_mean.hpp"

namespace prodigest::attention {
namespace {

constexpr Index kFewColumns = 3;  // for which multiply_rows is faster

template <Real T>
struct ForwardPass {
  const AttentionSpec& spec;
  const HeadProblem<T>& problem;
  AlignedMatrix<T> scores{std::min(kTileKeys, problem.k.rows()), tile_columns(problem)};
  int degree = score_degree(spec);
};

// What queries have gathered from the keys seen so far.
template <Real T>
class ForwardTile {
 public:
  explicit ForwardTile(ForwardPass<T>& pass)
      : pass_(pass),
        q_rows_(tile_columns(pass.problem), pass.problem.k.width()),
        q_(pass.problem.k.width(), tile_columns(pass.problem)),
        sums_(tile_columns(pass.problem), pass.problem.v.width()),
        columns_(3, tile_columns(pass.problem)) {}

  void begin(Index first, Index count) {
    const HeadProblem<T>& problem = pass_.problem;
    const Index heads = query_heads(problem);
    first_ = first, last_ = first + count - 1, count_ = count * heads;
    const MatrixView<T> rows = q_rows_.view().slice(0, count_);
    for (Index a = 0; a < heads; ++a)
      problem.queries[static_cast<std::size_t>(a)].q.load(first, rows_of_head(rows, a, heads));
    transpose<T>(rows, columns(q_.view(), 0, count_));
    for (Index i = 0; i < count_; ++i) std::ranges::fill(sums_.view().row(i), T{0});
    std::ranges::fill(totals(), T{0});
    std::ranges::fill(largest(), std::numeric_limits<T>::lowest());
  }

  void meet(const KeyTile<T>& keys) {
    const Index seen = keys.seen(last_);
    if (seen == 0) return;
    const MatrixView<T> tile = columns(pass_.scores.view().slice(0, seen), 0, count_);
    if (count_ <= kFewColumns)
      multiply_rows(keys.k(seen), q_rows_.view().slice(0, count_), tile);
    else
      multiply_block(plain(keys.k(seen)), columns(q_.view(), 0, count_), tile, Into::kNew);
    hide_later_keys(pass_.problem, pass_.degree, keys.first(), first_, tile);
    weigh(pass_.degree, tile, WeightColumns<T>{totals().data(), largest().data(), shrink().data()});
    if (pass_.degree == 0) shrink_sums();
    multiply_block(transposed(tile), keys.v(seen), sums_.view().slice(0, count_), Into::kAdd);
  }

  void finish() {
    if (pass_.spec.kind != Kind::kSoftmax)
      for (T& total : totals()) total += static_cast<T>(pass_.spec.epsilon);
    const MatrixView<T> sums = sums_.view().slice(0, count_);
    divide_by_totals(sums, totals());
    const Index heads = query_heads(pass_.problem);
    for (Index a = 0; a < heads; ++a) {
      const QueryHead<T>& head = pass_.problem.queries[static_cast<std::size_t>(a)];
      for (Index i = first_; i <= last_; ++i)
        if (!is_sound((i - first_) * heads + a)) head.q.refuse_overflow(i);
      head.out.store(first_, rows_of_head(MatrixView<const T>(sums), a, heads));
      if (!head.denominators.empty())
        for (Index i = first_; i <= last_; ++i)
          head.denominators[static_cast<std::size_t>(i)] = denominator((i - first_) * heads + a);
    }
  }

 private:
  std::span<T> totals() { return columns_.view().row(0).first(static_cast<std::size_t>(count_)); }
  std::span<T> largest() { return columns_.view().row(1).first(static_cast<std::size_t>(count_)); }
  std::span<T> shrink() { return columns_.view().row(2).first(static_cast<std::size_t>(count_)); }

  void shrink_sums() {
    for (Index i = 0; i < count_; ++i)
      if (const T by = shrink()[static_cast<std::size_t>(i)]; by != 1)
        for (T& x : sums_.view().row(i)) x *= by;
  }

  bool is_sound(Index column) {
    const auto c = static_cast<std::size_t>(column);
    return std::isfinite(totals()[c]) && std::isfinite(largest()[c]);
  }

  T denominator(Index column) {
    const T total = totals()[static_cast<std::size_t>(column)];
    if (pass_.degree != 0) return total;
    return largest()[static_cast<std::size_t>(column)] + std::log(total);
  }

  ForwardPass<T>& pass_;
  Index first_ = 0, last_ = 0;  // queries
  Index count_ = 0;             // columns
  AlignedMatrix<T> q_rows_;
  AlignedMatrix<T> q_;        // a query a column
  AlignedMatrix<T> sums_;     // of weights times values, a query a row
  AlignedMatrix<T> columns_;  // as WeightColumns says
};

}  // namespace

template <Real T>
void exact_forward(const AttentionSpec& spec, const HeadProblem<T>& problem) {
  ForwardPass<T> pass{spec, problem};
  meet_keys<ForwardTile<T>>(pass, problem);
}

template void exact_forward(const AttentionSpec&, const HeadProblem<float>&);
template void exact_forward(const AttentionSpec&, const HeadProblem<double>&);

}  // namespace prodigest::attention
