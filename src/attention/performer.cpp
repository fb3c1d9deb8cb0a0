#include "attention/performer.hpp"

#include "base/fail.hpp"

namespace prodigest::attention {

Matrix<double> performer_directions(const AttentionSpec& spec, Index width, std::uint64_t) {
  return Matrix<double>(width, performer_features(spec));
}

Index performer_features(const AttentionSpec& spec) { return spec.size; }

template <Real T>
void performer_forward(const AttentionSpec&, const Matrix<T>&, const HeadProblem<T>&) {
  fail(ErrorCode::kUnsupported, "attend: performer is not made yet");
}

template void performer_forward(const AttentionSpec&, const Matrix<float>&,
                                const HeadProblem<float>&);
template void performer_forward(const AttentionSpec&, const Matrix<double>&,
                                const HeadProblem<double>&);

}  // namespace prodigest::attention
