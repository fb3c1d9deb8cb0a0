#include "attention/performer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "attention/block_product.hpp"
#include "attention/sketch_matrix.hpp"
#include "attention/tile_weights.hpp"
#include "attention/weighted_mean.hpp"
#include "core/aligned_matrix.hpp"

namespace prodigest::attention {
namespace {

constexpr Index kBlock = 64;  // tokens whose weights are made one by one

// Exponents of features of keys, so that the sums of 2^40 of them are finite.
template <Real T>
constexpr T kMostExponent = std::is_same_v<T, float> ? 60 : 600;

// |x|²/2 of every row.
template <Real T>
void half_squares(MatrixView<const T> rows, T* out) {
  for (Index i = 0; i < rows.rows; ++i) {
    double sum = 0;
    for (const T x : rows.row(i)) sum += static_cast<double>(x) * static_cast<double>(x);
    out[i] = static_cast<T>(sum / 2);
  }
}

template <Real T>
class Performer {
 public:
  Performer(const AttentionSpec& spec, const Matrix<T>& directions, const HeadProblem<T>& problem)
      : problem_(problem),
        epsilon_(spec.epsilon),
        directions_(directions),
        own_(problem.state == nullptr ? directions.cols * (value_dim() + 1) : 0),
        sums_(problem.state == nullptr ? own_.data() : problem.state->sums.data(), features(),
              value_dim()),
        totals_(sums_.data + features() * value_dim(), 1, features()),
        most_(std::min(kBlock, std::max(problem.k.rows(), most_queries(problem)))),
        rows_(most_, directions.rows),
        columns_(directions.rows, most_),
        keys_(most_, features()),
        values_(most_, value_dim()),
        queries_(features(), most_),
        weights_(most_, most_),
        out_(most_, value_dim()),
        of_tokens_(4, most_),
        ones_(static_cast<std::size_t>(most_), T{1}) {}

  void causal() {
    for (Index first = 0; first < problem_.k.rows(); first += kBlock) {
      const Index count = std::min(kBlock, problem_.k.rows() - first);
      load_keys(first, count);
      for (const QueryHead<T>& head : problem_.queries) answer(head, first, count, count);
      add_keys(count);
    }
  }

  void whole() {
    for (Index first = 0; first < problem_.k.rows(); first += kBlock) {
      const Index count = std::min(kBlock, problem_.k.rows() - first);
      load_keys(first, count);
      add_keys(count);
    }
    for (const QueryHead<T>& head : problem_.queries)
      for (Index first = 0; first < head.q.rows(); first += kBlock)
        answer(head, first, std::min(kBlock, head.q.rows() - first), 0);
  }

 private:
  static Index most_queries(const HeadProblem<T>& problem) {
    return problem.queries.empty() ? 0 : problem.queries.front().q.rows();
  }
  Index features() const { return directions_.cols; }
  Index value_dim() const { return problem_.v.width(); }

  void load_keys(Index first, Index count) {
    const MatrixView<T> rows = rows_.view().slice(0, count);
    const MatrixView<T> keys = keys_.view().slice(0, count);
    problem_.k.load(first, rows);
    problem_.v.load(first, values_.view().slice(0, count));
    half_squares<T>(rows, squares());
    multiply_block(plain(rows), directions_.view(), keys, Into::kNew);
    exponentials(keys, squares(), kMostExponent<T>);
  }

  void add_keys(Index count) {
    const MatrixView<T> keys = keys_.view().slice(0, count);
    multiply_block(transposed(keys), values_.view().slice(0, count), sums_, Into::kAdd);
    multiply_block(BlockFactor<T>{ones_.data(), count, 1}, keys, totals_, Into::kAdd);
  }

  // Features as columns; column i is to be multiplied by exp(largest[i] - half_squares[i]).
  MatrixView<T> load_queries(const HeadRows<T>& q, Index first, Index count) {
    const MatrixView<T> rows = rows_.view().slice(0, count);
    const MatrixView<T> queries = columns(queries_.view(), 0, count);
    q.load(first, rows);
    half_squares<T>(rows, squares());
    transpose<T>(rows, columns(columns_.view(), 0, count));
    multiply_block(transposed(directions_.view()), columns(columns_.view(), 0, count), queries,
                   Into::kNew);
    std::fill_n(largest(), count, std::numeric_limits<T>::lowest());
    weigh(0, queries, WeightColumns<T>{totals_of_queries(), largest(), shrink()});
    return queries;
  }

  // Queries first, ... by the sums, and by the loaded keys, of which query i sees the first i + 1.
  void answer(const QueryHead<T>& head, Index first, Index count, Index loaded) {
    const MatrixView<T> queries = load_queries(head.q, first, count);
    const MatrixView<T> out = out_.view().slice(0, count);
    const MatrixView<T> totals(totals_of_queries(), 1, count);
    multiply_block(transposed(queries), sums_, out, Into::kNew);
    multiply_block(plain(totals_), queries, totals, Into::kNew);
    if (loaded > 0) {
      const MatrixView<T> weights = columns(weights_.view().slice(0, loaded), 0, count);
      multiply_block(plain(keys_.view().slice(0, loaded)), queries, weights, Into::kNew);
      for (Index j = 1; j < loaded; ++j) std::fill_n(weights.row_data(j), j, T{0});
      multiply_block(transposed(weights), values_.view().slice(0, loaded), out, Into::kAdd);
      multiply_block(BlockFactor<T>{ones_.data(), loaded, 1}, weights, totals, Into::kAdd);
    }
    finish(head, first, out, totals.row(0));
  }

  void finish(const QueryHead<T>& head, Index first, MatrixView<T> out, std::span<T> totals) {
    for (std::size_t i = 0; i < totals.size(); ++i) {
      const auto row = first + static_cast<Index>(i);
      if (!std::isfinite(totals[i])) head.q.refuse_overflow(row);
      const double scale =
          std::exp(static_cast<double>(largest()[i]) - static_cast<double>(squares()[i])) /
          static_cast<double>(features());
      const double total = static_cast<double>(totals[i]);
      totals[i] = static_cast<T>(epsilon_ > 0 ? total + epsilon_ / scale : total);
      if (!head.denominators.empty())
        head.denominators[static_cast<std::size_t>(row)] = static_cast<T>(total * scale + epsilon_);
    }
    divide_by_totals(out, totals);
    head.out.store(first, out);
  }

  T* squares() { return of_tokens_.view().row_data(0); }
  T* largest() { return of_tokens_.view().row_data(1); }
  T* shrink() { return of_tokens_.view().row_data(2); }
  T* totals_of_queries() { return of_tokens_.view().row_data(3); }

  const HeadProblem<T>& problem_;
  const double epsilon_;
  const Matrix<T>& directions_;
  std::vector<T> own_;
  MatrixView<T> sums_;    // of keys added: features times values, features x value_dim
  MatrixView<T> totals_;  // and features alone, 1 x features
  const Index most_;      // tokens at a time
  AlignedMatrix<T> rows_, columns_;
  AlignedMatrix<T> keys_, values_;  // a token a row
  AlignedMatrix<T> queries_;        // a token a column
  AlignedMatrix<T> weights_, out_, of_tokens_;
  std::vector<T> ones_;
};

}  // namespace

Matrix<double> performer_directions(const AttentionSpec& spec, Index width, std::uint64_t stream) {
  Matrix<double> w = gaussian_matrix(spec.seed, Domain::kPerformer, stream << 24, width, spec.size);
  std::vector<double> lengths(static_cast<std::size_t>(w.cols));
  for (Index i = 0; i < width; ++i)
    for (Index t = 0; t < w.cols; ++t) lengths[static_cast<std::size_t>(t)] += w(i, t) * w(i, t);
  for (Index first = 0; first < w.cols; first += width)
    make_orthogonal(w, first, std::min(width, w.cols - first));
  for (Index t = 0; t < w.cols; ++t) {
    const double scale =
        std::sqrt(lengths[static_cast<std::size_t>(t)] / static_cast<double>(width));
    for (Index i = 0; i < width; ++i) w(i, t) *= scale;
  }
  return w;
}

Index performer_features(const AttentionSpec& spec) { return spec.size; }

template <Real T>
void performer_forward(const AttentionSpec& spec, const Matrix<T>& directions,
                       const HeadProblem<T>& problem) {
  Performer<T> performer(spec, directions, problem);
  if (problem.causal)
    performer.causal();
  else
    performer.whole();
}

template void performer_forward(const AttentionSpec&, const Matrix<float>&,
                                const HeadProblem<float>&);
template void performer_forward(const AttentionSpec&, const Matrix<double>&,
                                const HeadProblem<double>&);

}  // namespace prodigest::attention
