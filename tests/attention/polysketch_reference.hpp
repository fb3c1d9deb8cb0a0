#pragma once
// Polysketch attention by its definition: every pair of tokens, in double.

#include <cmath>

#include "attention/normalize.hpp"
#include "attention/tensors.hpp"

namespace prodigest::attention {

inline Matrix<double> reference_rows(const Tensor<double>& of, Index b, Index h, RowNorm how) {
  Matrix<double> rows(of.tokens, of.width);
  normalize(how, of.view().head(b, h), rows.view());
  return rows;
}

inline Matrix<double> reference_sketches(const PolynomialSketch<double>& sketch,
                                         const Matrix<double>& rows) {
  Matrix<double> sketches(rows.rows, sketch.size());
  sketch.apply(rows, sketches.view());
  return sketches;
}

inline double dot(const Matrix<double>& a, Index i, const Matrix<double>& b, Index j) {
  double sum = 0;
  for (Index d = 0; d < a.cols; ++d) sum += a(i, d) * b(j, d);
  return sum;
}

struct ReferenceResult {
  Tensor<double> out;
  std::vector<double> denominators;
};

/// Of sequences that begin with each batch entry.
inline ReferenceResult polysketch_reference(const Attention<double>& attention,
                                            const Inputs3<double>& in, bool causal = true) {
  const AttentionSpec& spec = attention.spec();
  const Index group = in.q.heads / in.k.heads;
  const RowNorm how = row_norm(spec, in.q.width);
  ReferenceResult result{{in.q.batch, in.q.heads, in.q.tokens, in.v.width}, {}};
  for (Index b = 0; b < in.q.batch; ++b)
    for (Index h = 0; h < in.q.heads; ++h) {
      const Index g = h / group;
      const auto& sketch = attention.sketches()[static_cast<std::size_t>(g)];
      const double gain = attention.remote_gain()[static_cast<std::size_t>(h)];
      const Matrix<double> q = reference_rows(in.q, b, h, how), k = reference_rows(in.k, b, g, how);
      const Matrix<double> qs = reference_sketches(sketch, q), ks = reference_sketches(sketch, k);
      for (Index i = 0; i < in.q.tokens; ++i) {
        double total = spec.epsilon;
        std::vector<double> sum(static_cast<std::size_t>(in.v.width));
        for (Index j = 0; j < (causal ? i + 1 : in.k.tokens); ++j) {
          const bool local = spec.local_block > 0 && i / spec.local_block == j / spec.local_block;
          const double w = local ? std::pow(dot(q, i, k, j), spec.degree)
                                 : gain * std::pow(dot(qs, i, ks, j), 2);
          total += w;
          for (Index d = 0; d < in.v.width; ++d)
            sum[static_cast<std::size_t>(d)] += w * in.v(b, g, j, d);
        }
        for (Index d = 0; d < in.v.width; ++d)
          result.out(b, h, i, d) = sum[static_cast<std::size_t>(d)] / total;
        result.denominators.push_back(total);
      }
    }
  return result;
}

}  // namespace prodigest::attention
