#include "prodigest/attention/attention.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "attention/attention_checks.hpp"
#include "attention/attention_impl.hpp"
#include "attention/head_states.hpp"
#include "attention/performer.hpp"
#include "base/fail.hpp"

namespace prodigest::attention {
namespace {

// Of what a state depends on. Not a protocol: a state is worth no more than the run that made it.
class Fingerprint {
 public:
  void add(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9e3779b97f4a7c15;
    hash_ ^= hash_ >> 32;
  }
  void add(double x) { add(std::bit_cast<std::uint64_t>(x)); }
  void add(std::string_view text) {
    for (const char c : text) add(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
  }
  template <Real T>
  void add(const Matrix<T>& matrix) {
    add(static_cast<std::uint64_t>(matrix.rows));
    for (const T x : matrix.storage) add(static_cast<double>(x));
  }
  std::uint64_t value() const { return std::max<std::uint64_t>(hash_, 1); }  // 0 is of none

 private:
  std::uint64_t hash_ = 1;
};

constexpr std::uint64_t kMostLayers = std::uint64_t{1} << 24;

// Of one layer and key head.
std::uint64_t head_stream(std::uint64_t layer, Index key_head) {
  return layer << 16 | static_cast<std::uint64_t>(key_head);
}

void check_stream(std::uint64_t layer, const AttentionShape& shape) {
  if (layer >= kMostLayers)
    fail(ErrorCode::kInvalidArgument, "attention: stream must be below 2^24, got {}", layer);
  if (shape.key_heads > 0xffff)
    fail(ErrorCode::kInvalidArgument,
         "attention: key_heads must be below 2^16 where each has a random sketch, got {}",
         shape.key_heads);
}

template <Real T>
PolynomialSketch<T> sketch_of(const AttentionSpec& spec, const AttentionShape& shape,
                              std::uint64_t stream) {
  if (spec.sketch == SketchKind::kGiven)
    fail(ErrorCode::kInvalidArgument,
         "attention: sketch=given needs the sketches, got none (give them, or take a random one)");
  if (spec.degree == 2) return PolynomialSketch<T>::identity(query_width(spec, shape));
  return PolynomialSketch<T>::random(spec, shape.head_dim, stream);
}

template <Real T>
Matrix<T> converted(const Matrix<double>& from) {
  Matrix<T> to(from.rows, from.cols);
  std::ranges::transform(from.storage, to.storage.begin(),
                         [](double x) { return static_cast<T>(x); });
  return to;
}

template <Real T>
void check_sketches(const AttentionSpec& spec, const AttentionShape& shape,
                    const std::vector<PolynomialSketch<T>>& sketches) {
  if (spec.kind != Kind::kPolysketch)
    fail(ErrorCode::kInvalidArgument, "attention: only polysketch has sketches, got \"{}\"",
         to_text(spec));
  if (std::ssize(sketches) != shape.key_heads)
    fail(ErrorCode::kInvalidArgument,
         "attention: there must be a sketch for each key head, {}, got {}", shape.key_heads,
         sketches.size());
  const Index size = spec.degree == 2 ? query_width(spec, shape) : spec.size;
  for (std::size_t g = 0; g < sketches.size(); ++g)
    if (sketches[g].head_dim() != query_width(spec, shape) || sketches[g].size() != size ||
        2 * sketches[g].degree() != spec.degree)
      fail(ErrorCode::kInvalidArgument,
           "attention: sketch {} must be of degree {} from {} to {} numbers, got degree {} from {} "
           "to {}",
           g, spec.degree / 2, query_width(spec, shape), size, sketches[g].degree(),
           sketches[g].head_dim(), sketches[g].size());
}

}  // namespace

template <Real T>
Attention<T>::Attention(const AttentionSpec& spec, const AttentionShape& shape,
                        std::uint64_t stream) {
  check_shape(spec, shape);
  impl_ = std::make_unique<Impl>(
      Impl{.spec = spec,
           .shape = shape,
           .gains = std::vector<double>(static_cast<std::size_t>(shape.heads), 1.0)});
  if (!impl_->is_linear()) return;
  check_stream(stream, shape);
  for (Index g = 0; g < shape.key_heads; ++g)
    if (spec.kind == Kind::kPolysketch)
      impl_->sketches.push_back(sketch_of<T>(spec, shape, head_stream(stream, g)));
    else
      impl_->directions.push_back(
          converted<T>(performer_directions(spec, shape.head_dim, head_stream(stream, g))));
  impl_->name_states();
}

template <Real T>
Attention<T>::Attention(const AttentionSpec& spec, const AttentionShape& shape,
                        std::vector<PolynomialSketch<T>> sketches) {
  check_shape(spec, shape);
  check_sketches(spec, shape, sketches);
  impl_ = std::make_unique<Impl>(
      Impl{.spec = spec,
           .shape = shape,
           .sketches = std::move(sketches),
           .gains = std::vector<double>(static_cast<std::size_t>(shape.heads), 1.0)});
  impl_->name_states();
}

template <Real T>
Attention<T>::Attention(Attention&&) noexcept = default;
template <Real T>
Attention<T>& Attention<T>::operator=(Attention&&) noexcept = default;
template <Real T>
Attention<T>::~Attention() = default;

template <Real T>
const AttentionSpec& Attention<T>::spec() const noexcept {
  return impl_->spec;
}
template <Real T>
const AttentionShape& Attention<T>::shape() const noexcept {
  return impl_->shape;
}
template <Real T>
std::span<const PolynomialSketch<T>> Attention<T>::sketches() const noexcept {
  return impl_->sketches;
}
template <Real T>
std::span<const double> Attention<T>::remote_gain() const noexcept {
  return impl_->gains;
}

template <Real T>
void Attention<T>::set_remote_gain(std::span<const double> gain) {
  if (spec().kind != Kind::kPolysketch)
    fail(ErrorCode::kInvalidArgument, "attention: only polysketch has a remote gain, got \"{}\"",
         to_text(spec()));
  if (std::ssize(gain) != shape().heads)
    fail(ErrorCode::kInvalidArgument,
         "attention: there must be a remote gain for each head, {}, got {}", shape().heads,
         gain.size());
  for (const double g : gain)
    if (!(g >= 0) || !std::isfinite(g))
      fail(ErrorCode::kInvalidArgument, "attention: remote gains must be at least 0, got {}", g);
  impl_->gains.assign(gain.begin(), gain.end());
  impl_->name_states();
}

template <Real T>
void Attention<T>::Impl::name_states() {
  if (!is_linear()) return;
  Fingerprint print;
  print.add(to_text(spec));
  for (const Index n : {shape.heads, shape.key_heads, shape.head_dim, shape.value_dim})
    print.add(static_cast<std::uint64_t>(n));
  for (const PolynomialSketch<T>& sketch : sketches)
    for (const Matrix<T>& matrix : sketch.matrices()) print.add(matrix);
  for (const Matrix<T>& matrix : directions) print.add(matrix);
  for (const double gain : gains) print.add(gain);
  no_sequences.fingerprint = print.value();
  no_sequences.key_heads = shape.key_heads;
  no_sequences.layout =
      spec.kind == Kind::kPolysketch
          ? layout_of(plan_of(spec, query_width(spec, shape), sketches[0].size(), shape.value_dim),
                      spec.local_block > 0)
          : StateLayout{.size = performer_features(spec), .value_dim = shape.value_dim};
  no_sequences.numbers = StateNumbers<T>{};
}

template <Real T>
AttentionState Attention<T>::empty_state(Index sequences) const {
  if (!impl_->is_linear())
    fail(ErrorCode::kInvalidArgument,
         "attend: only polysketch and performer have a state, got \"{}\"", to_text(spec()));
  if (sequences < 0)
    fail(ErrorCode::kInvalidArgument, "attend: sequences must not be negative, got {}", sequences);
  AttentionState state = impl_->no_sequences;
  state.sequences = sequences;
  state.tokens.resize(static_cast<std::size_t>(sequences));
  state.open_tokens.resize(static_cast<std::size_t>(sequences));
  auto& numbers = std::get<StateNumbers<T>>(state.numbers);
  const Index units = sequences * state.key_heads;
  numbers.sums.resize(static_cast<std::size_t>(units * state.layout.sums()));
  numbers.open.resize(static_cast<std::size_t>(units * state.layout.open()));
  return state;
}

template <Real T>
void Attention<T>::apply(HeadsView<const T> q, HeadsView<const T> k, HeadsView<const T> v,
                         HeadsView<T> out, const AttendOptions& options,
                         Denominators<T>* denominators, const Context& context) const {
  impl_->template apply<T>(q, k, v, out, options, denominators, context);
}

template <Real T>
void Attention<T>::apply(HeadsView<const BFloat16> q, HeadsView<const BFloat16> k,
                         HeadsView<const BFloat16> v, HeadsView<BFloat16> out,
                         const AttendOptions& options, Denominators<T>* denominators,
                         const Context& context) const requires std::same_as<T, float> {
  impl_->template apply<BFloat16>(q, k, v, out, options, denominators, context);
}

template <Real T>
void Attention<T>::backward(HeadsView<const T> q, HeadsView<const T> k, HeadsView<const T> v,
                            HeadsView<const T> out, const Denominators<T>& denominators,
                            HeadsView<const T> dout, Gradients<T>& gradients,
                            const AttendOptions& options, const Context& context) const {
  impl_->backward(q, k, v, out, denominators, dout, gradients, options, context);
}

template class Attention<float>;
template class Attention<double>;

}  // namespace prodigest::attention
