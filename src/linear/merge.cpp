#include "prodigest/linear/merge.hpp"

#include <array>

#include "base/fail.hpp"
#include "linear/sketch_checks.hpp"
#include "linear/sketch_values.hpp"

namespace prodigest::linear {
namespace {

void require_equal(const char* what, std::string_view key, const LinearSpec& a, const LinearSpec& b,
                   bool equal) {
  if (!equal)
    fail(ErrorCode::kIncompatible,
         "{}: {}= must be equal, got {} and {} (make one digest again with the other's method)",
         what, key, to_text(a), to_text(b));
}

void check_values_type(const char* where, const LinearSketch& a, const LinearSketch& b) {
  require_equal(where, "values", a.spec(), b.spec(), a.spec().single == b.spec().single);
}

void check_mergeable(const LinearSketch& a, const LinearSketch& b) {
  check_same_projection("merge", a, b);
  check_same_columns("merge", a, b);
  require_equal("merge", "rows", a.spec(), b.spec(), a.spec().rows == b.spec().rows);
  check_values_type("merge", a, b);
}

LinearSketch combine(const char* where, const LinearSketch& a, const LinearSketch& b, double sign) {
  check_same_projection(where, a, b);
  check_same_columns(where, a, b);
  check_values_type(where, a, b);
  SketchParts parts = a.parts();
  parts.spec.rows = RowUpdates::kParts;
  parts.rows += b.rows();
  parts.squared_norm = {};
  for (std::size_t i = 0; i < parts.values.storage.size(); ++i)
    parts.values.storage[i] += sign * b.parts().values.storage[i];
  round_values(parts.spec, parts.values.storage);
  return LinearSketch(std::move(parts));
}

}  // namespace

LinearSketch merge(std::span<const LinearSketch> parts) {
  if (parts.empty())
    fail(ErrorCode::kInvalidArgument, "merge: expected one digest or more, got none");
  SketchParts sum = parts[0].parts();
  for (const LinearSketch& part : parts.subspan(1)) {
    check_mergeable(parts[0], part);
    sum.rows += part.rows();
    sum.squared_norm.add(part.parts().squared_norm);
    for (std::size_t i = 0; i < sum.values.storage.size(); ++i)
      sum.values.storage[i] += part.parts().values.storage[i];
  }
  round_values(sum.spec, sum.values.storage);
  return LinearSketch(std::move(sum));
}

LinearSketch merge(const LinearSketch& a, const LinearSketch& b) {
  const std::array both = {a, b};
  return merge(both);
}

LinearSketch add(const LinearSketch& a, const LinearSketch& b) { return combine("add", a, b, 1); }

LinearSketch subtract(const LinearSketch& a, const LinearSketch& b) {
  return combine("subtract", a, b, -1);
}

}  // namespace prodigest::linear
