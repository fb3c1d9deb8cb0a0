#include <algorithm>
#include <functional>

#include "attention/attention_impl.hpp"
#include "attention/exact_attention.hpp"
#include "attention/head_units.hpp"
#include "attention/polysketch_attention.hpp"
#include "base/fail.hpp"
#include "core/parallel.hpp"

namespace prodigest::attention {
namespace {

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
  fail(ErrorCode::kInvalidArgument, "backward: {}",
       fmt::format(format, std::forward<Args>(args)...));
}

template <Real T>
void check_sketch_gradients(std::string_view name, const std::vector<Matrix<T>>& gradients,
                            const AttentionSpec& spec, const AttentionShape& shape) {
  if (gradients.empty()) return;
  if (spec.sketch != SketchKind::kGiven)
    refuse("{} is of sketch=given only, got \"{}\"", name, to_text(spec));
  if (std::ssize(gradients) != shape.key_heads)
    refuse("{} must have a matrix for each key head, {}, got {}", name, shape.key_heads,
           gradients.size());
  for (const Matrix<T>& matrix : gradients)
    if (matrix.rows != shape.head_dim || matrix.cols != spec.size)
      refuse("{} must be {} x {}, got {} x {}", name, shape.head_dim, spec.size, matrix.rows,
             matrix.cols);
}

// What one unit adds to gradients that several share: added up in the order of units.
template <Real T>
struct SharedGradients {
  std::vector<double> remote_gain{};
  Matrix<T> sketch_a{}, sketch_b{};
};

// The rows of a gradient, cleared; of one that is not asked for, rows that nobody sees.
template <Real T>
MatrixView<T> cleared(MatrixView<T> rows, Index width, Matrix<T>& unseen) {
  if (rows.cols == 0) {
    unseen = Matrix<T>(rows.rows, width);
    return unseen.view();
  }
  for (Index i = 0; i < rows.rows; ++i) std::ranges::fill(rows.row(i), T{0});
  return rows;
}

template <Real T>
void add(const Matrix<T>& from, Matrix<T>& to) {
  std::ranges::transform(to.storage, from.storage, to.storage.begin(), std::plus<T>());
}

}  // namespace

template <Real T>
void Attention<T>::Impl::backward(HeadsView<const T> q, HeadsView<const T> k, HeadsView<const T> v,
                                  HeadsView<const T> out, const Denominators<T>& denominators,
                                  HeadsView<const T> dout, Gradients<T>& gradients,
                                  const AttendOptions& options, const Context& context) const {
  if (spec.kind == Kind::kPerformer)
    fail(ErrorCode::kUnsupported, "backward: performer has no gradients");
  if (options.state != nullptr) refuse("sequences must begin here, got a state");
  if (spec.kind != Kind::kSoftmax && spec.epsilon == 0)
    refuse("epsilon must be positive, got 0: gradients have no bound where no token has weight");
  check_tensors(spec, shape, shape_of("q", q), shape_of("k", k), shape_of("v", v),
                shape_of("out", out), options.causal);
  check_same(shape_of("dout", dout), shape_of("out", out));
  if (std::ssize(denominators.values) != q.batch * q.heads * q.tokens)
    refuse("there must be {} denominators, got {} (of the forward pass of the same tensors)",
           q.batch * q.heads * q.tokens, denominators.values.size());
  if (gradients.q.width > 0) check_same(shape_of("dq", gradients.q), shape_of("q", q));
  if (gradients.k.width > 0) check_same(shape_of("dk", gradients.k), shape_of("k", k));
  if (gradients.v.width > 0) check_same(shape_of("dv", gradients.v), shape_of("v", v));
  check_sketch_gradients("sketch_a", gradients.sketch_a, spec, shape);
  check_sketch_gradients("sketch_b", gradients.sketch_b, spec, shape);
  if (!gradients.remote_gain.empty() && std::ssize(gradients.remote_gain) != shape.heads)
    refuse("remote_gain must have a number for each head, {}, got {}", shape.heads,
           gradients.remote_gain.size());

  const std::vector<Sequence> sequences = sequences_of(options, shape_of("q", q), shape_of("k", k));
  const std::vector<HeadUnit> units = units_of_key_heads(shape, sequences);
  const Inputs<T, T> inputs{q, k, v, row_norm(spec, query_width(spec, shape))};
  std::vector<SharedGradients<T>> shared(units.size());

  const auto solve = [&](const HeadUnit& unit, SharedGradients<T>& part) {
    HeadProblem<T> problem{
        .queries = {}, .k = inputs.keys(unit), .v = inputs.values(unit), .causal = options.causal};
    std::vector<Matrix<T>> unseen(static_cast<std::size_t>(unit.heads) + 2);
    HeadGradients<T> to{.queries = {},
                        .k = cleared(key_rows(gradients.k, unit), k.width, unseen[0]),
                        .v = cleared(key_rows(gradients.v, unit), v.width, unseen[1])};
    if (!gradients.sketch_a.empty()) part.sketch_a = Matrix<T>(shape.head_dim, spec.size);
    if (!gradients.sketch_b.empty()) part.sketch_b = Matrix<T>(shape.head_dim, spec.size);
    if (!gradients.sketch_a.empty()) to.sketch_a = part.sketch_a.view();
    if (!gradients.sketch_b.empty()) to.sketch_b = part.sketch_b.view();
    for (Index i = 0; i < unit.heads; ++i) {
      problem.queries.push_back({inputs.queries("q", q, inputs.norm, unit, i),
                                 HeadOut<T>{},
                                 {},
                                 gains[static_cast<std::size_t>(unit.first_head + i)]});
      to.queries.push_back(
          {query_rows(out, unit, i),
           query_numbers(std::span<const T>(denominators.values), shape, q.tokens, unit, i),
           inputs.queries("dout", dout, inputs.kAsTheyAre, unit, i),
           cleared(query_rows(gradients.q, unit, i), q.width,
                   unseen[static_cast<std::size_t>(i) + 2])});
    }
    if (spec.kind == Kind::kPolysketch)
      polysketch_backward(spec, sketches[static_cast<std::size_t>(unit.key_head)], problem, to);
    else
      exact_backward(spec, problem, to);
    problem.k.to_source_gradient(0, to.k);
    for (std::size_t i = 0; i < to.queries.size(); ++i) {
      problem.queries[i].q.to_source_gradient(0, to.queries[i].q);
      part.remote_gain.push_back(to.queries[i].remote_gain);
    }
  };
  parallel_blocks(context, std::ssize(units), 1, [&](Index first, Index count) {
    for (auto u = static_cast<std::size_t>(first); count > 0; ++u, --count)
      solve(units[u], shared[u]);
  });

  std::ranges::fill(gradients.remote_gain, 0.0);
  for (auto* all : {&gradients.sketch_a, &gradients.sketch_b})
    for (Matrix<T>& matrix : *all) std::ranges::fill(matrix.storage, T{0});
  for (std::size_t u = 0; u < units.size(); ++u) {
    const auto g = static_cast<std::size_t>(units[u].key_head);
    if (!gradients.sketch_a.empty()) add(shared[u].sketch_a, gradients.sketch_a[g]);
    if (!gradients.sketch_b.empty()) add(shared[u].sketch_b, gradients.sketch_b[g]);
    if (!gradients.remote_gain.empty())
      for (std::size_t i = 0; i < shared[u].remote_gain.size(); ++i)
        gradients.remote_gain[static_cast<std::size_t>(units[u].first_head) + i] +=
            shared[u].remote_gain[i];
  }
}

template void Attention<float>::Impl::backward(HeadsView<const float>, HeadsView<const float>,
                                               HeadsView<const float>, HeadsView<const float>,
                                               const Denominators<float>&, HeadsView<const float>,
                                               Gradients<float>&, const AttendOptions&,
                                               const Context&) const;
template void Attention<double>::Impl::backward(HeadsView<const double>, HeadsView<const double>,
                                                HeadsView<const double>, HeadsView<const double>,
                                                const Denominators<double>&,
                                                HeadsView<const double>, Gradients<double>&,
                                                const AttendOptions&, const Context&) const;

}  // namespace prodigest::attention
