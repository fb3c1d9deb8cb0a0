#include "linear/sketch_values.hpp"

#include <cmath>

#include "base/fail.hpp"

namespace prodigest::linear {
namespace {

constexpr Index kMostValues = Index{1} << 44;

}  // namespace

Matrix<double> zero_values(const LinearSpec& spec, Index cols) {
  if (spec.size > kMostValues / cols)
    fail(ErrorCode::kInvalidArgument,
         "linear sketch: size times columns must be at most 2^44, got {} times {} (take a smaller "
         "size, or sample rows)",
         spec.size, cols);
  return {spec.size, cols};
}

void round_values(const LinearSpec& spec, std::vector<double>& values) {
  if (!spec.single) return;
  for (double& value : values) {
    // Half a unit above the largest float: what lies below is rounded to it.
    if (std::abs(value) >= 0x1.ffffffp127)
      fail(ErrorCode::kInvalidArgument,
           "linear sketch: values must be within the range of float for values=f32, got {} (scale "
           "the matrix by a power of two, or use values=f64)",
           value);
    value = static_cast<double>(static_cast<float>(value));
  }
}

}  // namespace prodigest::linear
