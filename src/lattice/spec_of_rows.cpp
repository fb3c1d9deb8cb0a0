#include "lattice/spec_of_rows.hpp"

#include <limits>

#include "base/fail.hpp"

namespace prodigest::lattice {

void check_spec_of_rows(const char* where, const LatticeSpec& spec, Index rows) {
  constexpr Index kMostRows = std::numeric_limits<std::int32_t>::max();
  validate(spec);
  if (rows < 1 || rows > kMostRows)
    fail(ErrorCode::kInvalidArgument, "{}: expected 1 to 2^31 - 1 rows, got {}", where, rows);
  if (spec.size > rows)
    fail(ErrorCode::kInvalidArgument, "{}: size must be at most the number of rows, got {} and {}",
         where, spec.size, rows);
  if (spec.rotation == Rotation::kNone && spec.size > 0 && spec.size < rows)
    fail(ErrorCode::kInvalidArgument,
         "{}: size={} of {} rows needs rotation=hadamard (without it the last rows would be lost)",
         where, spec.size, rows);
}

LatticeSpec spec_of_rows(const char* where, LatticeSpec spec, Index rows) {
  check_spec_of_rows(where, spec, rows);
  if (spec.size == 0) spec.size = rows;
  if (spec.gain == coding::Gain::kAuto) {
    const double bits = coding::bits_per_entry(spec.coding) * static_cast<double>(spec.size) /
                        static_cast<double>(rows);
    spec.gain = bits < 2 ? coding::Gain::kMmse : coding::Gain::kUnbiased;
  }
  return spec;
}

}  // namespace prodigest::lattice
