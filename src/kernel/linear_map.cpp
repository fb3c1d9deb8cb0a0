#include "prodigest/kernel/linear_map.hpp"

#include "base/fail.hpp"

namespace prodigest::kernel {
namespace {

Index size_of(const GaussianOperator& made) {
  if (!made.symmetric())
    fail(ErrorCode::kInvalidArgument,
         "linear_map: queries must be keys, got {} queries and {} other keys (give keys alone)",
         made.rows(), made.cols());
  return made.cols();
}

}  // namespace

LinearMap approximate_map(const GaussianOperator& made, const Context& context) {
  return {size_of(made), [&made, context](MatrixView<const double> x, MatrixView<double> y,
                                          std::uint64_t call) { made.apply(x, y, call, context); }};
}

LinearMap exact_map(const GaussianOperator& made, const Context& context) {
  return {size_of(made), [&made, context](MatrixView<const double> x, MatrixView<double> y,
                                          std::uint64_t) { made.apply_exactly(x, y, context); }};
}

}  // namespace prodigest::kernel
