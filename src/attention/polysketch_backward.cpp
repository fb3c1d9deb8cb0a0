#include <algorithm>

#include "attention/block_product.hpp"
#include "attention/open_keys.hpp"
#include "attention/polysketch_attention.hpp"
#include "attention/weighted_mean.hpp"

namespace prodigest::attention {
namespace {

// A tile of one query head, with the gradients in its sums of weighted values and of weights.
template <Real T>
class QueryTile {
 public:
  QueryTile(const Plan& plan, Index most)
      : sketched(plan, most),
        dsums_(most, plan.value_dim),
        dsums_columns_(plan.value_dim, most),
        dtotals_(1, most) {}

  void load(const QueryHead<T>& query, const QueryGradients<T>& gradients,
            const PolynomialSketch<T>& sketch, Index first, Index count) {
    count_ = count;
    sketched.load(query.q, sketch, first, count);
    gradients.dout.load(first, dsums());
    std::fill_n(dtotals_.data(), padded(count), T{0});
    divide_by_totals_backward(gradients.out.slice(first, count), dsums(),
                              gradients.denominators.subspan(static_cast<std::size_t>(first)),
                              dsums(), {dtotals_.data(), static_cast<std::size_t>(count)});
  }
  MatrixView<T> dsums() { return dsums_.view().slice(0, count_); }
  MatrixView<T> dsums_columns() {
    const MatrixView<T> to = columns(dsums_columns_.view(), 0, count_);
    transpose<T>(dsums(), to);
    return to;
  }
  std::span<const T> dtotals() {
    return {dtotals_.data(), static_cast<std::size_t>(padded(count_))};
  }

  SketchedTile<T> sketched;

 private:
  AlignedMatrix<T> dsums_, dsums_columns_, dtotals_;
  Index count_ = 0;
};

template <Real T>
void copy(MatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows; ++i) std::ranges::copy(from.row(i), to.row(i).begin());
}

template <Real T>
void clear(MatrixView<T> matrix) {
  for (Index i = 0; i < matrix.rows; ++i) std::ranges::fill(matrix.row(i), T{0});
}

// to = factor fromᵀ
template <Real T>
void put_transposed(MatrixView<const T> from, T factor, MatrixView<T> to) {
  transpose(from, to);
  for (Index i = 0; i < to.rows; ++i)
    for (T& x : to.row(i)) x *= factor;
}

// Two passes: forward over the tokens with sums of the keys before, for the gradients of queries;
// then backward over blocks with sums of the queries after, for those of keys and values and for
// all within a block. Every gradient has one writer, in one order.
template <Real T>
class Backward {
 public:
  Backward(const AttentionSpec& spec, const PolynomialSketch<T>& sketch,
           const HeadProblem<T>& problem, HeadGradients<T>& gradients)
      : sketch_(sketch),
        problem_(problem),
        gradients_(gradients),
        plan_(plan_of(spec, sketch.size(), problem)),
        has_sums_(plan_.block < problem.k.rows()),
        keys_(plan_, sketch, problem),
        key_rows_(plan_.block, plan_.head_dim),
        key_sketches_(plan_.block, plan_.size),
        value_columns_(plan_.value_dim, plan_.block),
        key_dsketches_(plan_.block, plan_.size),
        queries_(plan_, kTile),
        query_dsketches_(kTile, plan_.size),
        dcolumns_(plan_.size, kTile),
        scores_(kTile, kTile),
        dweights_(kTile, kTile),
        unused_totals_(1, kTile),
        later_numbers_(1, has_sums_ ? SquareSums<T>::numbers(plan_.size, plan_.value_dim) : 0),
        later_(later_numbers_.all(), plan_.size, plan_.value_dim) {}

  void causal() {
    const Index tokens = problem_.k.rows();
    if (has_sums_)
      for (Index first = 0; first < tokens;) {
        const Index count = keys_.take(first);
        if (keys_.has_sums())
          for (std::size_t head = 0; head < heads(); ++head) queries_from_sums(head, first, count);
        first += count;
      }
    for (Index block = (tokens - 1) / plan_.block; block >= 0; --block) {
      const Index first = block * plan_.block;
      const Index count = std::min(plan_.block, tokens - first);
      take_block(first, count);
      if (first + count < tokens) keys_from_sums(first, count);
      for (Index at = first, queries = 0; at < first + count; at += queries) {
        queries = std::min(plan_.tile(at - first), first + count - at);
        for (std::size_t head = 0; head < heads(); ++head) {
          load_queries(head, at, queries);
          within_block(head, at, first, at - first + queries);
          if (first > 0) add_queries(head);
        }
      }
      finish_keys(first, count);
    }
  }

  void whole() {
    const Index keys = problem_.k.rows();
    if (has_sums_) {
      for (Index first = 0; first < keys;) first += keys_.take(first);
      keys_.close();
      for_queries([&](std::size_t head, Index first, Index count) {
        queries_from_sums(head, first, count);
        add_queries(head);
      });
    }
    for (Index first = 0; first < keys; first += plan_.block) {
      const Index count = std::min(plan_.block, keys - first);
      take_block(first, count);
      if (has_sums_)
        keys_from_sums(first, count);
      else
        for_queries([&](std::size_t head, Index at, Index queries) {
          load_queries(head, at, queries);
          within_block(head, at, first, count);
        });
      finish_keys(first, count);
    }
  }

 private:
  std::size_t heads() const { return problem_.queries.size(); }

  template <class Body>
  void for_queries(const Body& body) {
    for (std::size_t head = 0; head < heads(); ++head) {
      const Index queries = problem_.queries[head].q.rows();
      for (Index first = 0; first < queries; first += kTile)
        body(head, first, std::min(kTile, queries - first));
    }
  }

  void load_queries(std::size_t head, Index first, Index count) {
    queries_.load(problem_.queries[head], gradients_.queries[head], sketch_, first, count);
  }

  void take_block(Index first, Index count) {
    keys_.clear();
    for (Index taken = 0; taken < count;) {
      const Index now = keys_.take(first + taken);
      copy(keys_.tile().rows(), key_rows_.view().slice(taken, now));
      copy(keys_.tile().sketches(), key_sketches_.view().slice(taken, now));
      taken += now;
    }
    transpose<T>(keys_.block().values.slice(0, count), columns(value_columns_.view(), 0, count));
    clear(key_dsketches_.view().slice(0, count));
  }

  // Gradients of queries by the keys in closed blocks. Those sums are of gain 1, so that a gain of
  // 0 has a gradient too.
  void queries_from_sums(std::size_t head, Index first, Index count) {
    load_queries(head, first, count);
    QueryGradients<T>& to = gradients_.queries[head];
    const MatrixView<T> x = queries_.sketched.columns();
    const MatrixView<T> dx = cleared_columns(count);
    keys_.sums().add_half_gradient(x, queries_.dsums_columns(), queries_.dtotals(), dx);
    double along = 0;
    for (Index a = 0; a < x.rows; ++a)
      for (Index i = 0; i < count; ++i) along += static_cast<double>(x(a, i)) * dx(a, i);
    to.remote_gain += along;
    const MatrixView<T> dsketches = query_dsketches_.view().slice(0, count);
    put_transposed<T>(dx, static_cast<T>(2 * problem_.queries[head].remote_gain), dsketches);
    sketch_.backward(queries_.sketched.rows(), dsketches, to.q.slice(first, count),
                     gradients_.sketch_a, gradients_.sketch_b);
  }

  void add_queries(std::size_t head) {
    later_.add(queries_.sketched.columns(), static_cast<T>(problem_.queries[head].remote_gain),
               queries_.dsums(), queries_.dtotals());
  }

  // Gradients of a block's keys and values by the queries in `later_`.
  void keys_from_sums(Index first, Index count) {
    for (Index at = 0; at < count; at += kTile) {
      const Index keys = std::min(kTile, count - at);
      const MatrixView<T> y = columns(keys_.block().sketches, at, keys);
      const MatrixView<T> dy = cleared_columns(keys);
      later_.add_half_gradient(y, columns(value_columns_.view(), at, keys), ones_(keys), dy);
      put_transposed<T>(dy, T{2}, key_dsketches_.view().slice(at, keys));
      later_.weigh(y, T{1}, gradients_.v.slice(first + at, keys), unused_totals_.all());
    }
  }

  // All gradients between the loaded queries, from number `at` on, and the first `seen` keys of the
  // block that begins at `first`.
  void within_block(std::size_t head, Index at, Index first, Index seen) {
    QueryGradients<T>& to = gradients_.queries[head];
    const Index count = queries_.dsums().rows;
    const MatrixView<T> dsketches = query_dsketches_.view().slice(0, count);
    clear(dsketches);
    bool sketched = false;
    plan_.for_tiles(at - first, seen, [&](Index key, Index keys, bool local) {
      const bool exact = plan_.is_exact(local);
      const MatrixView<T> x = queries_.sketched.factors(exact);
      const MatrixView<T> scores = columns(scores_.view().slice(0, count), 0, keys);
      const MatrixView<T> dweights = columns(dweights_.view().slice(0, count), 0, keys);
      multiply_block(plain(x),
                     MatrixView<const T>(columns(keys_.block().factors(exact), key, keys)), scores,
                     Into::kNew);
      multiply_block(plain(queries_.dsums()),
                     MatrixView<const T>(columns(value_columns_.view(), key, keys)), dweights,
                     Into::kNew);
      const Index visible = problem_.causal ? at - first + 1 - key : keys;
      const double dgain =
          weights_backward(plan_.weights(local, problem_.queries[head].remote_gain, visible),
                           scores, dweights, queries_.dtotals());
      if (!local) to.remote_gain += dgain;
      sketched |= !exact;
      const MatrixView<T> dx = exact ? to.q.slice(at, count) : dsketches;
      const MatrixView<T> y = (exact ? key_rows_ : key_sketches_).view().slice(key, keys);
      const MatrixView<T> dy =
          exact ? gradients_.k.slice(first + key, keys) : key_dsketches_.view().slice(key, keys);
      multiply_block(plain(scores), MatrixView<const T>(y), dx, Into::kAdd);
      multiply_block(transposed(scores), MatrixView<const T>(x), dy, Into::kAdd);
      multiply_block(transposed(dweights), MatrixView<const T>(queries_.dsums()),
                     gradients_.v.slice(first + key, keys), Into::kAdd);
    });
    if (sketched)
      sketch_.backward(queries_.sketched.rows(), dsketches, to.q.slice(at, count),
                       gradients_.sketch_a, gradients_.sketch_b);
  }

  void finish_keys(Index first, Index count) {
    if (plan_.kept > 0 && problem_.k.rows() <= plan_.local_block) return;  // no sketch was used
    sketch_.backward(key_rows_.view().slice(0, count), key_dsketches_.view().slice(0, count),
                     gradients_.k.slice(first, count), gradients_.sketch_a, gradients_.sketch_b);
  }

  MatrixView<T> cleared_columns(Index count) {
    std::ranges::fill(dcolumns_.all(), T{0});
    return columns(dcolumns_.view(), 0, count);
  }

  const PolynomialSketch<T>& sketch_;
  const HeadProblem<T>& problem_;
  HeadGradients<T>& gradients_;
  const Plan plan_;
  const bool has_sums_;
  OpenKeys<T> keys_;
  AlignedMatrix<T> key_rows_, key_sketches_, value_columns_, key_dsketches_;  // of one block
  QueryTile<T> queries_;
  AlignedMatrix<T> query_dsketches_, dcolumns_, scores_, dweights_, unused_totals_;
  AlignedMatrix<T> later_numbers_;
  SquareSums<T> later_;
  const Ones<T> ones_;
};

}  // namespace

template <Real T>
void polysketch_backward(const AttentionSpec& spec, const PolynomialSketch<T>& sketch,
                         const HeadProblem<T>& problem, HeadGradients<T>& gradients) {
  Backward<T> backward(spec, sketch, problem, gradients);
  if (problem.causal)
    backward.causal();
  else
    backward.whole();
}

template void polysketch_backward(const AttentionSpec&, const PolynomialSketch<float>&,
                                  const HeadProblem<float>&, HeadGradients<float>&);
template void polysketch_backward(const AttentionSpec&, const PolynomialSketch<double>&,
                                  const HeadProblem<double>&, HeadGradients<double>&);

}  // namespace prodigest::attention
