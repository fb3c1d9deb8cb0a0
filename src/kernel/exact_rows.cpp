#include "kernel/exact_rows.hpp"

#include <algorithm>

#include "kernel/exact_sums.hpp"

namespace prodigest::kernel {

ExactRows exact_rows(const GaussianPlan& plan, std::span<const Index> places,
                     MatrixView<const float> x, bool with_sums, const Context& context) {
  const CentredPoints& queries = plan.points.of_queries();
  CentredPoints some{{std::ssize(places), plan.points.dim}, {}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::ranges::copy(queries.rows.view().row(places[i]),
                      some.rows.view().row_data(static_cast<Index>(i)));
    some.offsets.push_back(queries.offsets[places[i]]);
  }
  Matrix<double> columns(x.rows, x.cols + with_sums);  // and one of ones
  for (Index j = 0; j < x.rows; ++j) {
    std::ranges::copy(x.row(j), columns.view().row_data(j));
    if (with_sums) columns(j, x.cols) = 1;
  }
  Matrix<double> sums(std::ssize(places), columns.cols);
  multiply_exactly(some, plan.points.keys, columns, sums.view(), context);
  ExactRows out{.products = Matrix<double>(sums.rows, x.cols)};
  for (Index i = 0; i < sums.rows; ++i) {
    std::ranges::copy(sums.view().row(i).first(static_cast<std::size_t>(x.cols)),
                      out.products.view().row_data(i));
    if (with_sums) out.sums.push_back(sums(i, x.cols));
  }
  return out;
}

}  // namespace prodigest::kernel
