// Attention of heads: forward, backward, and on from a state.

#include "prodigest/attention/attention.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <iterator>

#include "bindings.hpp"
#include "heads.hpp"

namespace prodigest::python {
namespace {

using namespace attention;

template <class T>
using Array3 = nb::ndarray<T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

// Multiply-adds, about.
template <class T>
double work_of(const AttentionSpec& spec, HeadsView<T> q, HeadsView<T> k, Index value_dim) {
  const bool linear = spec.kind == Kind::kPolysketch || spec.kind == Kind::kPerformer;
  const auto size = static_cast<double>(spec.size);
  const double rows = static_cast<double>(q.batch * (q.heads * q.tokens + k.heads * k.tokens));
  const auto width = static_cast<double>(q.width + value_dim);
  if (!linear) return rows * static_cast<double>(k.tokens) * width;
  return rows * (size * width + (spec.kind == Kind::kPolysketch ? size * size : size) * width / 2);
}

template <Real T>
Matrix<T> slice(const Array3<const T>& a, std::size_t g) {
  Matrix<T> matrix(static_cast<Index>(a.shape(1)), static_cast<Index>(a.shape(2)));
  std::copy_n(a.data() + g * matrix.storage.size(), matrix.storage.size(), matrix.storage.data());
  return matrix;
}

template <Real T>
std::vector<Matrix<T>> zeros_like(const Array3<T>& a) {
  if (!a.is_valid()) return {};
  return std::vector<Matrix<T>>(
      a.shape(0), Matrix<T>(static_cast<Index>(a.shape(1)), static_cast<Index>(a.shape(2))));
}

template <Real T>
void copy_to(const Array3<T>& a, const std::vector<Matrix<T>>& matrices) {
  T* to = a.data();
  for (const Matrix<T>& matrix : matrices) to = std::ranges::copy(matrix.storage, to).out;
}

template <Real T>
Attention<T> with_sketch(const std::string& spec, const AttentionShape& shape,
                         const Array3<const T>& a, const Array3<const T>& b,
                         const std::vector<double>& gain) {
  if (a.shape(0) != b.shape(0))
    throw nb::value_error("sketch: both tensors must have a matrix for each key head");
  std::vector<PolynomialSketch<T>> sketches;
  for (std::size_t g = 0; g < a.shape(0); ++g)
    sketches.push_back(PolynomialSketch<T>::given(slice(a, g).view(), slice(b, g).view()));
  Attention<T> attention(parse_attention_spec(spec), shape, std::move(sketches));
  if (!gain.empty()) attention.set_remote_gain(gain);
  return attention;
}

// The same sketches: an Attention that Python holds never changes.
template <Real T>
Attention<T> with_remote_gain(const Attention<T>& attention, const std::vector<double>& gain) {
  const auto sketches = attention.sketches();
  const bool sketched = attention.spec().kind == Kind::kPolysketch;
  Attention<T> other = sketched ? Attention<T>(attention.spec(), attention.shape(),
                                               {sketches.begin(), sketches.end()})
                                : Attention<T>(attention.spec(), attention.shape());
  other.set_remote_gain(gain);
  return other;
}

template <Real T, class Element>
nb::object apply(const Attention<T>& attention, const Heads<const Element>& q_array,
                 const Heads<const Element>& k_array, const Heads<const Element>& v_array,
                 const Heads<Element>& out_array, bool causal, const Array1<const Index>& starts,
                 AttentionState* state, bool with_denominators, int threads) {
  const auto q = heads_of<const Element>(q_array), k = heads_of<const Element>(k_array);
  const auto v = heads_of<const Element>(v_array);
  const auto out = heads_of<Element>(out_array);
  const AttendOptions options{causal, optional_span_of(starts), state};
  Denominators<T> denominators;
  run_or_call(work_of(attention.spec(), q, k, v.width), threads, [&](const Context& context) {
    attention.apply(q, k, v, out, options, with_denominators ? &denominators : nullptr, context);
  });
  if (!with_denominators) return nb::none();
  return nb::cast(array_of(std::move(denominators.values),
                           {q_array.shape(0), q_array.shape(1), q_array.shape(2)}));
}

template <Real T>
nb::object backward(const Attention<T>& attention, const Array4<const T>& q_array,
                    const Array4<const T>& k_array, const Array4<const T>& v_array,
                    const Array4<const T>& out_array, const Array3<const T>& denominators_array,
                    const Array4<const T>& dout_array, const Array4<T>& dq, const Array4<T>& dk,
                    const Array4<T>& dv, const Array3<T>& da, const Array3<T>& db,
                    bool with_remote_gain, bool causal, const Array1<const Index>& starts,
                    int threads) {
  const auto q = heads_of<const T>(q_array), k = heads_of<const T>(k_array);
  const auto v = heads_of<const T>(v_array), out = heads_of<const T>(out_array);
  const auto dout = heads_of<const T>(dout_array);
  const AttendOptions options{.causal = causal, .sequence_starts = optional_span_of(starts)};
  Gradients<T> gradients{.q = heads_of<T>(dq),
                         .k = heads_of<T>(dk),
                         .v = heads_of<T>(dv),
                         .sketch_a = zeros_like(da),
                         .sketch_b = zeros_like(db)};
  if (with_remote_gain) gradients.remote_gain.resize(attention.remote_gain().size());
  run_or_call(3 * work_of(attention.spec(), q, k, v.width), threads, [&](const Context& context) {
    const T* const first = denominators_array.data();
    const Denominators<T> denominators{{first, first + denominators_array.size()}};
    attention.backward(q, k, v, out, denominators, dout, gradients, options, context);
  });
  copy_to(da, gradients.sketch_a);
  copy_to(db, gradients.sketch_b);
  if (!with_remote_gain) return nb::none();
  return nb::cast(array_of(std::move(gradients.remote_gain), {attention.remote_gain().size()}));
}

template <Real T>
std::vector<nb::ndarray<nb::numpy, const T>> matrices(nb::handle self) {
  std::vector<nb::ndarray<nb::numpy, const T>> all;
  for (const PolynomialSketch<T>& sketch : nb::cast<const Attention<T>&>(self).sketches())
    std::ranges::move(arrays_of(sketch.matrices(), self), std::back_inserter(all));
  return all;
}

AttentionShape shape_of(Index heads, Index key_heads, Index head_dim, Index value_dim) {
  return {heads, key_heads, head_dim, value_dim};
}

template <Real T>
void bind(nb::module_& m, const char* name) {
  using namespace nb::literals;
  using A = Attention<T>;
  nb::class_<A> bound(m, name);
  bound
      .def_static(
          "random",
          [](const std::string& spec, Index heads, Index key_heads, Index head_dim, Index value_dim,
             std::uint64_t stream) {
            return A(parse_attention_spec(spec), shape_of(heads, key_heads, head_dim, value_dim),
                     stream);
          },
          "spec"_a, "heads"_a, "key_heads"_a, "head_dim"_a, "value_dim"_a, "stream"_a)
      .def_static(
          "given",
          [](const std::string& spec, Index heads, Index key_heads, Index head_dim, Index value_dim,
             const Array3<const T>& a, const Array3<const T>& b, const std::vector<double>& gain) {
            return with_sketch<T>(spec, shape_of(heads, key_heads, head_dim, value_dim), a, b,
                                  gain);
          },
          "spec"_a, "heads"_a, "key_heads"_a, "head_dim"_a, "value_dim"_a, "a"_a.noconvert(),
          "b"_a.noconvert(), "gain"_a)
      .def("with_remote_gain", &with_remote_gain<T>, "gain"_a)
      .def("empty_state", &A::empty_state, "sequences"_a)
      .def_prop_ro("spec", [](const A& a) { return to_text(a.spec()); })
      .def_prop_ro("heads", [](const A& a) { return a.shape().heads; })
      .def_prop_ro("key_heads", [](const A& a) { return a.shape().key_heads; })
      .def_prop_ro("head_dim", [](const A& a) { return a.shape().head_dim; })
      .def_prop_ro("value_dim", [](const A& a) { return a.shape().value_dim; })
      .def_prop_ro("remote_gain",
                   [](const A& a) {
                     const auto gain = a.remote_gain();
                     return std::vector<double>(gain.begin(), gain.end());
                   })
      .def_prop_ro("matrices", &matrices<T>);
  const auto def_apply = [&]<class Element>(Element) {
    bound.def("apply", &apply<T, Element>, "q"_a.noconvert(), "k"_a.noconvert(), "v"_a.noconvert(),
              "out"_a.noconvert(), "causal"_a, "starts"_a.noconvert().none(), "state"_a.none(),
              "with_denominators"_a, "threads"_a);
  };
  def_apply(T{});
  if constexpr (std::same_as<T, float>) def_apply(BFloat16{});
  bound.def("backward", &backward<T>, "q"_a.noconvert(), "k"_a.noconvert(), "v"_a.noconvert(),
            "out"_a.noconvert(), "denominators"_a.noconvert(), "dout"_a.noconvert(),
            "dq"_a.noconvert().none(), "dk"_a.noconvert().none(), "dv"_a.noconvert().none(),
            "da"_a.noconvert().none(), "db"_a.noconvert().none(), "with_remote_gain"_a, "causal"_a,
            "starts"_a.noconvert().none(), "threads"_a);
}

}  // namespace

void bind_attention(nb::module_& m) {
  // Graphs of PyTorch that are alive when Python ends hold attentions: no leaks.
  nb::set_leak_warnings(false);
  bind_attention_state(m);
  bind_polynomial_sketch(m);
  bind<float>(m, "Attention32");
  bind<double>(m, "Attention64");
}

}  // namespace prodigest::python
