#include "prodigest/kernel/exact_product.hpp"

#include "kernel/exact_sums.hpp"
#include "kernel/point_checks.hpp"

namespace prodigest::kernel {

void exact_product(MatrixView<const float> queries, MatrixView<const float> keys, double bandwidth,
                   MatrixView<const double> x, MatrixView<double> y, const Context& context) {
  check_product("exact_product", queries.rows, keys.rows, x, y);
  multiply_exactly(centre_points(queries, keys, bandwidth), x, y, context);
}

}  // namespace prodigest::kernel
