#include "linear/sketch_checks.hpp"

#include "base/fail.hpp"
#include "core/digest_checks.hpp"

namespace prodigest::linear {
namespace {

LinearSpec projection_of(const LinearSketch& sketch) {
  LinearSpec spec = sketch.spec();
  spec.rows = RowUpdates::kWhole;
  spec.single = false;
  return spec;
}

}  // namespace

void check_same_projection(const char* where, const LinearSketch& a, const LinearSketch& b) {
  check_seeds(where, a.spec().seed, b.spec().seed);
  const std::string text_a = to_text(projection_of(a)), text_b = to_text(projection_of(b));
  if (text_a != text_b)
    fail(ErrorCode::kIncompatible,
         "{}: methods must be equal, got {} and {} (make one digest again with the other's "
         "method)",
         where, text_a, text_b);
}

void check_same_columns(const char* where, const LinearSketch& a, const LinearSketch& b) {
  if (a.cols() != b.cols())
    fail(ErrorCode::kIncompatible,
         "{}: columns must be equal, got {} and {} (rows of one matrix are joined, not columns)",
         where, a.cols(), b.cols());
  check_same_schema(where, a.schema(), b.schema());
}

}  // namespace prodigest::linear
