#pragma once
// Exact attention of one key head, and its definition, for tests.

#include <cmath>
#include <vector>

#include "attention/exact_attention.hpp"
#include "attention/head_inputs.hpp"
#include "attention/naive_attention.hpp"

namespace prodigest::attention {

inline constexpr const char* kExact[] = {"softmax", "polynomial:degree=2",
                                         "polynomial:degree=4,epsilon=0.5", "polynomial:degree=8"};

/// Query heads that share keys.
template <Real T>
std::vector<Result<T>> group_forward(const AttentionSpec& spec, const std::vector<Matrix<T>>& q,
                                     const Matrix<T>& k, const Matrix<T>& v, Setting setting = {}) {
  return solved([&](const HeadProblem<T>& problem) { exact_forward(spec, problem); },
                problem_of(k, v, setting), q);
}

template <Real T>
Result<T> forward(const AttentionSpec& spec, const Inputs<T>& x, Setting setting = {}) {
  return group_forward(spec, {x.q}, x.k, x.v, setting)[0];
}

inline NaiveAttention naive(const AttentionSpec& spec, const Inputs<double>& x,
                            Setting setting = {}) {
  const bool softmax = spec.kind == Kind::kSoftmax;
  return {.weight =
              [&x, softmax, degree = spec.degree](Index i, Index j) {
                const double score = dot(x.q, i, x.k, j);
                return softmax ? score : std::pow(score, degree);
              },
          .softmax = softmax,
          .causal = setting.causal,
          .first_query = setting.first_query,
          .epsilon = softmax ? 0 : spec.epsilon};
}

}  // namespace prodigest::attention
