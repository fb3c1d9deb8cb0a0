#pragma once
// Heads of normal numbers, and attention over them.

#include <vector>

#include "core/draws.hpp"
#include "harness.hpp"
#include "prodigest/attention/attention.hpp"

namespace prodigest::bench {

inline std::vector<float> normal_floats(Index count, std::uint64_t seed) {
  std::vector<double> numbers(static_cast<std::size_t>(count));
  random_normals(Seed{seed}, 0, numbers);
  return {numbers.begin(), numbers.end()};
}

/// So many causal heads of one sequence, with room for all that attention writes.
class Heads {
 public:
  Heads(Index count, Index tokens, Index width, int threads)
      : count_(count), tokens_(tokens), width_(width), context_{.threads = threads} {
    const Index numbers = count * tokens * width;
    q_ = normal_floats(numbers, 1);
    k_ = normal_floats(numbers, 2);
    v_ = normal_floats(numbers, 3);
    for (auto* made : {&out_, &dq_, &dk_, &dv_}) made->resize(q_.size());
    denominators_.values.resize(static_cast<std::size_t>(count * tokens));
  }

  attention::Attention<float> attention(const char* spec) const {
    return attention::Attention<float>(
        attention::parse_attention_spec(spec),
        {.heads = count_, .key_heads = count_, .head_dim = width_, .value_dim = width_});
  }
  void forward(const attention::Attention<float>& attention) {
    attention.apply(view(q_), view(k_), view(v_), view(out_), {}, &denominators_, context_);
    keep(static_cast<double>(out_.back()));
  }
  void forward_and_backward(const attention::Attention<float>& attention) {
    forward(attention);
    attention::Gradients<float> gradients{view(dq_), view(dk_), view(dv_)};
    attention.backward(view(q_), view(k_), view(v_), view(out_), denominators_, view(v_), gradients,
                       {}, context_);
    keep(static_cast<double>(dq_.back()));
  }
  /// Tokens of all heads.
  double items() const { return static_cast<double>(count_ * tokens_); }

 private:
  attention::HeadsView<float> view(std::vector<float>& x) const {
    return attention::HeadsView<float>::bhnd(x.data(), 1, count_, tokens_, width_);
  }

  Index count_, tokens_, width_;
  Context context_;
  std::vector<float> q_, k_, v_, out_, dq_, dk_, dv_;
  attention::Denominators<float> denominators_{};
};

}  // namespace prodigest::bench
