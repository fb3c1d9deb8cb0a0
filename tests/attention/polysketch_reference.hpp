#pragma once
// Polysketch attention by its definition: every pair of tokens, in double.

#include <cmath>

#include "attention/normalize.hpp"
#include "attention/tensors.hpp"

namespace prodigest::attention {

/// The pairs of one query head: its rows, those of its key head, and their weights.
class ReferenceHead {
 public:
  ReferenceHead(const Attention<double>& attention, const Inputs3<double>& in, Index b, Index h,
                bool causal)
      : spec_(attention.spec()),
        sketch_(attention.sketches()[static_cast<std::size_t>(h / (in.q.heads / in.k.heads))]),
        gain_(attention.remote_gain()[static_cast<std::size_t>(h)]),
        causal_(causal),
        norm_(row_norm(spec_, in.q.width)),
        q(normalized(in.q, b, h)),
        k(normalized(in.k, b, h / (in.q.heads / in.k.heads))),
        qs(sketched(q)),
        ks(sketched(k)) {}

  bool sees(Index i, Index j) const { return !causal_ || j <= i; }
  bool local(Index i, Index j) const {
    return spec_.local_block > 0 && i / spec_.local_block == j / spec_.local_block;
  }
  double score(Index i, Index j) const { return local(i, j) ? dot(q, i, k, j) : dot(qs, i, ks, j); }
  int power(Index i, Index j) const { return local(i, j) ? spec_.degree : 2; }
  double gain(Index i, Index j) const { return local(i, j) ? 1 : gain_; }
  double weight(Index i, Index j) const { return gain(i, j) * std::pow(score(i, j), power(i, j)); }

 private:
  Matrix<double> normalized(const Tensor<double>& of, Index b, Index h) const {
    Matrix<double> rows(of.tokens, of.width);
    normalize(norm_, of.view().head(b, h), rows.view());
    return rows;
  }
  Matrix<double> sketched(const Matrix<double>& rows) const {
    Matrix<double> sketches(rows.rows, sketch_.size());
    sketch_.apply(rows, sketches.view());
    return sketches;
  }
  static double dot(const Matrix<double>& a, Index i, const Matrix<double>& b, Index j) {
    double sum = 0;
    for (Index d = 0; d < a.cols; ++d) sum += a(i, d) * b(j, d);
    return sum;
  }

  const AttentionSpec& spec_;
  const PolynomialSketch<double>& sketch_;
  const double gain_;
  const bool causal_;
  const RowNorm norm_;

 public:
  const Matrix<double> q, k, qs, ks;
};

struct ReferenceResult {
  Tensor<double> out;
  std::vector<double> denominators;
};

/// Of sequences that begin with each batch entry.
inline ReferenceResult polysketch_reference(const Attention<double>& attention,
                                            const Inputs3<double>& in, bool causal = true) {
  ReferenceResult result{{in.q.batch, in.q.heads, in.q.tokens, in.v.width}, {}};
  for (Index b = 0; b < in.q.batch; ++b)
    for (Index h = 0; h < in.q.heads; ++h) {
      const ReferenceHead head(attention, in, b, h, causal);
      for (Index i = 0; i < in.q.tokens; ++i) {
        double total = attention.spec().epsilon;
        for (Index j = 0; j < in.k.tokens && head.sees(i, j); ++j) {
          const double weight = head.weight(i, j);
          total += weight;
          for (Index d = 0; d < in.v.width; ++d)
            result.out(b, h, i, d) += weight * in.v(b, h / (in.q.heads / in.k.heads), j, d);
        }
        for (Index d = 0; d < in.v.width; ++d) result.out(b, h, i, d) /= total;
        result.denominators.push_back(total);
      }
    }
  return result;
}

/// Σ out * dout, whose gradients are those of the backward pass.
inline double reference_loss(const Attention<double>& attention, const Inputs3<double>& in,
                             const Tensor<double>& dout, bool causal = true) {
  const ReferenceResult result = polysketch_reference(attention, in, causal);
  double loss = 0;
  for (std::size_t i = 0; i < dout.values.size(); ++i)
    loss += dout.values[i] * result.out.values[i];
  return loss;
}

struct ReferenceGradients {
  Tensor<double> q, k, v;
  std::vector<double> remote_gain;
};

/// Pair by pair; normalize_backward() and PolynomialSketch::backward() are tested on their own.
inline ReferenceGradients polysketch_gradients(const Attention<double>& attention,
                                               const Inputs3<double>& in,
                                               const Tensor<double>& dout, bool causal = true) {
  const ReferenceResult forward = polysketch_reference(attention, in, causal);
  const Index group = in.q.heads / in.k.heads, n = in.q.tokens;
  ReferenceGradients result{{in.q.batch, in.q.heads, n, in.q.width},
                            {in.k.batch, in.k.heads, in.k.tokens, in.k.width},
                            {in.v.batch, in.v.heads, in.v.tokens, in.v.width},
                            std::vector<double>(static_cast<std::size_t>(in.q.heads))};
  for (Index b = 0; b < in.q.batch; ++b)
    for (Index h = 0; h < in.q.heads; ++h) {
      const Index g = h / group;
      const ReferenceHead head(attention, in, b, h, causal);
      Matrix<double> dq(n, in.q.width), dk(in.k.tokens, in.q.width);
      Matrix<double> dqs(n, head.qs.cols), dks(in.k.tokens, head.qs.cols);
      for (Index i = 0; i < n; ++i) {
        const double total =
            forward.denominators[static_cast<std::size_t>((b * in.q.heads + h) * n + i)];
        for (Index j = 0; j < in.k.tokens && head.sees(i, j); ++j) {
          const double weight = head.weight(i, j);
          double dweight = 0;
          for (Index d = 0; d < in.v.width; ++d) {
            dweight += dout(b, h, i, d) * (in.v(b, g, j, d) - forward.out(b, h, i, d)) / total;
            result.v(b, g, j, d) += weight * dout(b, h, i, d) / total;
          }
          const double slope = std::pow(head.score(i, j), head.power(i, j) - 1);
          const double dscore = head.gain(i, j) * head.power(i, j) * slope * dweight;
          const bool local = head.local(i, j);
          const Matrix<double>&x = local ? head.q : head.qs, &y = local ? head.k : head.ks;
          Matrix<double>&dx = local ? dq : dqs, &dy = local ? dk : dks;
          for (Index a = 0; a < x.cols; ++a) {
            dx(i, a) += dscore * y(j, a);
            dy(j, a) += dscore * x(i, a);
          }
          if (!local)
            result.remote_gain[static_cast<std::size_t>(h)] +=
                std::pow(head.score(i, j), 2) * dweight;
        }
      }
      const auto& sketch = attention.sketches()[static_cast<std::size_t>(g)];
      sketch.backward(head.q, dqs, dq.view());
      sketch.backward(head.k, dks, dk.view());
      const RowNorm how = row_norm(attention.spec(), in.q.width);
      normalize_backward(how, in.q.view().head(b, h), dq, result.q.view().head(b, h));
      normalize_backward(how, in.k.view().head(b, g), dk, dk.view());
      for (Index j = 0; j < in.k.tokens; ++j)
        for (Index d = 0; d < in.k.width; ++d) result.k(b, g, j, d) += dk(j, d);
    }
  return result;
}

}  // namespace prodigest::attention
