#include "attend_compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <span>

#include "prodigest/base/error.hpp"

namespace prodigest::cli {
namespace {

using attention::Attention;
using attention::AttentionSpec;
using attention::HeadsView;
using attention::Kind;

bool is_exact(const AttentionSpec& spec) {
  return spec.kind == Kind::kSoftmax || spec.kind == Kind::kPolynomial;
}

// What a linear kind stands in for.
AttentionSpec exact_of(const AttentionSpec& spec) {
  if (spec.kind == Kind::kPerformer)
    return {.kind = Kind::kSoftmax, .norm = spec.norm, .scale = spec.scale};
  return {.kind = Kind::kPolynomial,
          .degree = spec.degree,
          .norm = spec.norm,
          .scale = spec.scale,
          .epsilon = spec.epsilon};
}

template <class T>
HeadsView<T> first_tokens(HeadsView<T> view, Index count) {
  view.tokens = count;
  return view;
}

double seconds_of(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The fastest of a few.
double fastest(const auto& work) {
  constexpr int kMost = 5;
  constexpr double kEnough = 0.5;
  double best = seconds_of(work), all = best;
  for (int i = 1; i < kMost && all < kEnough; ++i) {
    const double seconds = seconds_of(work);
    best = std::min(best, seconds);
    all += seconds;
  }
  return best;
}

double difference(const std::vector<float>& got, const std::vector<float>& exact) {
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double x = static_cast<double>(got[i]), y = static_cast<double>(exact[i]);
    error += (x - y) * (x - y);
    norm += y * y;
  }
  return std::sqrt(error / norm);
}

class Referee {
 public:
  Referee(AttendTensors& tensors, Index tokens, bool causal, bool backward, const Context& context)
      : tensors_(tensors),
        tokens_(tokens),
        causal_(causal),
        backward_(backward),
        context_(context) {}

  AttendCase judge(const AttentionSpec& spec) {
    const Run& own = run(spec);
    AttendCase result{.tokens = tokens_, .spec = to_text(spec), .seconds = own.seconds};
    if (backward_ && spec.kind != Kind::kPerformer) result.both_seconds = seconds_of_both(spec);
    if (is_exact(spec)) return result;
    const AttentionSpec exact = exact_of(spec);
    result.exact = to_text(exact);
    result.difference = difference(own.out, run(exact).out);
    return result;
  }

 private:
  struct Run {
    double seconds = 0;
    std::vector<float> out{};
  };

  // Once for each spec: several may stand in for one.
  const Run& run(const AttentionSpec& spec) {
    const auto [at, is_new] = runs_.try_emplace(to_text(spec));
    if (!is_new) return at->second;
    const Attention<float> attention(spec, tensors_.shape);
    const HeadsView<float> out =
        made(at->second.out, tensors_.shape.heads, tensors_.shape.value_dim);
    at->second.seconds = fastest(
        [&] { attention.apply(q(), k(), v(), out, {.causal = causal_}, nullptr, context_); });
    return at->second;
  }

  // The gradient in the result is the result: no worse than any other.
  double seconds_of_both(const AttentionSpec& spec) {
    const Attention<float> attention(spec, tensors_.shape);
    std::vector<float> out, dq, dk, dv;
    const HeadsView<float> result = made(out, tensors_.shape.heads, tensors_.shape.value_dim);
    attention::Gradients<float> gradients{
        made(dq, tensors_.shape.heads, tensors_.shape.head_dim),
        made(dk, tensors_.shape.key_heads, tensors_.shape.head_dim),
        made(dv, tensors_.shape.key_heads, tensors_.shape.value_dim)};
    attention::Denominators<float> denominators;
    return fastest([&] {
      attention.apply(q(), k(), v(), result, {.causal = causal_}, &denominators, context_);
      attention.backward(q(), k(), v(), result, denominators, result, gradients,
                         {.causal = causal_}, context_);
    });
  }

  HeadsView<float> q() const { return first_tokens(tensors_.q.view(), tokens_); }
  HeadsView<float> k() const { return first_tokens(tensors_.k.view(), tokens_); }
  HeadsView<float> v() const { return first_tokens(tensors_.v.view(), tokens_); }
  // A tensor of these tokens in a vector.
  HeadsView<float> made(std::vector<float>& numbers, Index heads, Index width) const {
    const Index batch = tensors_.q.batch;
    numbers.resize(static_cast<std::size_t>(batch * heads * tokens_ * width));
    return HeadsView<float>::bhnd(numbers.data(), batch, heads, tokens_, width);
  }

  AttendTensors& tensors_;
  const Index tokens_;
  const bool causal_, backward_;
  const Context& context_;
  std::map<std::string, Run> runs_;
};

}  // namespace

std::vector<AttendCase> compare_attention(AttendTensors& tensors,
                                          const std::vector<AttentionSpec>& methods,
                                          const std::vector<Index>& lengths, bool causal,
                                          bool backward, const Context& context) {
  const Index most = std::min(tensors.q.tokens, tensors.k.tokens);
  for (const Index tokens : lengths)
    if (tokens > most)
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("attend: --lengths must be at most the number of tokens, {}, got {}",
                              most, tokens));
  const auto softmax = std::ranges::find(methods, Kind::kSoftmax, &AttentionSpec::kind);
  std::vector<AttendCase> cases;
  for (const Index tokens : lengths) {
    Referee referee(tensors, tokens, causal, backward, context);
    const std::size_t first = cases.size();
    for (const AttentionSpec& spec : methods) cases.push_back(referee.judge(spec));
    if (softmax == methods.end()) continue;
    const AttendCase unit = cases[first + static_cast<std::size_t>(softmax - methods.begin())];
    for (AttendCase& one : std::span(cases).subspan(first)) {
      one.of_softmax = one.seconds / unit.seconds;
      if (one.both_seconds) one.both_of_softmax = *one.both_seconds / *unit.both_seconds;
    }
  }
  return cases;
}

std::vector<Index> usual_lengths(Index tokens) {
  std::vector<Index> lengths;
  for (Index length = 512; length <= std::min<Index>(tokens, 8192); length *= 2)
    lengths.push_back(length);
  if (lengths.empty()) lengths.push_back(tokens);
  return lengths;
}

}  // namespace prodigest::cli
