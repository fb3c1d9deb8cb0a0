#include "regression/centred_gram.hpp"

#include <cmath>
#include <utility>

#include "core/gemm.hpp"

namespace prodigest::regression {

Matrix<double> centred_gram(const WeightedRows& rows, const Moments& moments,
                            const Centring& centring, const Context& context) {
  const Index d = rows.cols();
  Matrix<double> sum(d, d), part(d, d);
  for (Index first = 0; first < rows.size(); first += kPanelRows) {
    throw_if_cancelled(context);
    Matrix<double> block = panel(rows, centring, first, std::min(kPanelRows, rows.size() - first));
    for (Index i = 0; i < block.rows; ++i) {
      const double root = std::sqrt(moments.shares[static_cast<std::size_t>(first + i)]);
      for (double& x : block.view().row(i)) x *= root;
    }
    multiply_transposed(std::as_const(block).view(), std::as_const(block).view(), part.view(),
                        context);
    for (std::size_t i = 0; i < sum.storage.size(); ++i) sum.storage[i] += part.storage[i];
  }
  return sum;
}

}  // namespace prodigest::regression
