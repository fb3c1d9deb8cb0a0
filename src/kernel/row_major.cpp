#include "kernel/row_major.hpp"

#include <Eigen/QR>

namespace prodigest::kernel {

RowMajor orthonormal_basis(const RowMajor& columns) {
  const Eigen::HouseholderQR<RowMajor> factors(columns);
  return factors.householderQ() * RowMajor::Identity(columns.rows(), columns.cols());
}

}  // namespace prodigest::kernel
