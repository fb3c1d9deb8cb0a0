#include "prodigest/sampling/plan.hpp"

#include <cmath>

#include "base/fail.hpp"

namespace prodigest::sampling {
namespace {

Index size_for(double relative_variance, int sides) {
  if (sides != 1 && sides != 2)
    fail(ErrorCode::kInvalidArgument, "plan: sides must be 1 or 2, got {}", sides);
  const double rows = sides / relative_variance;
  if (!(rows < 0x1p53))
    fail(ErrorCode::kInvalidArgument, "plan: that would take {:.3g} rows (choose a larger epsilon)", rows);
  // 2 / (0.05 * 0.1²) must give 4000 though its last bit is off.
  return 1 + static_cast<Index>(std::ceil(rows * (1 - 1e-12)));
}

}  // namespace

Index plan(double epsilon, double delta, int sides) {
  if (!(epsilon > 0) || !std::isfinite(epsilon))
    fail(ErrorCode::kInvalidArgument, "plan: epsilon must be positive, got {}", epsilon);
  if (!(delta > 0 && delta < 1))
    fail(ErrorCode::kInvalidArgument, "plan: delta must be in (0, 1), got {}", delta);
  return size_for(delta * epsilon * epsilon, sides);
}

Index expected_size(double epsilon, int sides) {
  if (!(epsilon > 0) || !std::isfinite(epsilon))
    fail(ErrorCode::kInvalidArgument, "plan: epsilon must be positive, got {}", epsilon);
  return size_for(epsilon * epsilon, sides);
}

}  // namespace prodigest::sampling
