#pragma once
// What is done to the rows of q and k before anything else. Runs on the caller's thread; x is read
// as it comes, BFloat16 into float.

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/attention/heads.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

/// With m and v the mean and variance of a row for kLayer, 0 and its mean square for kRms:
///   y = factor (x - m) / sqrt(v + 1e-6),
/// for kNone y = factor x. Rows whose numbers are all equal (all zero) have y = 0 exactly. 1e-6 is
/// what Flax adds, in whose terms the models with such sketches were trained.
struct RowNorm {
  Normalization norm = Normalization::kLayer;
  double factor = 1;
};

/// Of the q and the k of an attention: factor² is spec.scale or 1 / sqrt(head_dim).
RowNorm row_norm(const AttentionSpec& spec, Index head_dim);

/// out may be x.  @return whether all of it is finite  @shape x, out: n x h  @complexity O(n h)
bool normalize(RowNorm how, MatrixView<const float> x, MatrixView<float> out);
bool normalize(RowNorm how, MatrixView<const BFloat16> x, MatrixView<float> out);
bool normalize(RowNorm how, MatrixView<const double> x, MatrixView<double> out);

/// The gradient of a loss through normalize: dx = dy/dx · dout, where dx may be dout.
/// @shape x, dout, dx: n x h  @complexity O(n h)
void normalize_backward(RowNorm how, MatrixView<const float> x, MatrixView<const float> dout,
                        MatrixView<float> dx);
void normalize_backward(RowNorm how, MatrixView<const BFloat16> x, MatrixView<const float> dout,
                        MatrixView<float> dx);
void normalize_backward(RowNorm how, MatrixView<const double> x, MatrixView<const double> dout,
                        MatrixView<double> dx);

}  // namespace prodigest::attention
