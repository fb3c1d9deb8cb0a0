#include "attention/exact_attention.hpp"

#include "base/fail.hpp"

namespace prodigest::attention {

template <Real T>
void exact_forward(const AttentionSpec&, const HeadProblem<T>&) {
  fail(ErrorCode::kUnsupported, "attend: exact kinds are not made yet");
}

template <Real T>
void exact_backward(const AttentionSpec&, const HeadProblem<T>&, HeadGradients<T>&) {
  fail(ErrorCode::kUnsupported, "attend: exact kinds are not made yet");
}

template void exact_forward(const AttentionSpec&, const HeadProblem<float>&);
template void exact_forward(const AttentionSpec&, const HeadProblem<double>&);
template void exact_backward(const AttentionSpec&, const HeadProblem<float>&,
                             HeadGradients<float>&);
template void exact_backward(const AttentionSpec&, const HeadProblem<double>&,
                             HeadGradients<double>&);

}  // namespace prodigest::attention
