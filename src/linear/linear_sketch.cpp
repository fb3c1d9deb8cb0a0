#include "prodigest/linear/linear_sketch.hpp"

#include <algorithm>
#include <cmath>

#include "base/fail.hpp"
#include "core/digest_checks.hpp"

namespace prodigest::linear {
namespace {

void require(bool rule, const char* text) {
  if (!rule) fail(ErrorCode::kInvalidArgument, "linear sketch: {}", text);
}

bool is_float(double value) { return static_cast<double>(static_cast<float>(value)) == value; }

}  // namespace

LinearSketch::LinearSketch(SketchParts parts) : parts_(std::move(parts)) {
  const LinearSpec& spec = parts_.spec;
  validate(spec);
  require(spec.op != Operator::kHadamard || spec.length > 0, "srht must have a length");
  Matrix<double>& values = parts_.values;
  require(values.cols >= 1, "there must be a column");
  require(values.rows == spec.size && std::ssize(values.storage) / values.cols == values.rows &&
              std::ssize(values.storage) % values.cols == 0,
          "values must have size rows");
  require(std::ranges::all_of(values.storage, [](double x) { return std::isfinite(x); }),
          "values must be finite");
  require(!spec.single || std::ranges::all_of(values.storage, is_float),
          "values must be floats for values=f32");
  for (double& x : values.storage) x += 0.0;  // -0.0 becomes 0.0: equal sketches have equal bytes
  check_names("linear sketch", parts_.schema, values.cols);
  require(parts_.rows >= 0, "rows must not be negative");
  const bool whole = spec.rows == RowUpdates::kWhole;
  require(!whole || spec.length == 0 || parts_.rows <= spec.length,
          "whole rows must be at most length (rows=parts takes a row more than once)");
  const double norm = parts_.squared_norm.rounded();
  require(whole ? norm >= 0 && std::isfinite(norm) : norm == 0,
          "squared norm must be finite and not negative, and none with rows=parts");
}

std::optional<double> LinearSketch::squared_norm() const {
  if (parts_.spec.rows == RowUpdates::kParts) return std::nullopt;
  return parts_.squared_norm.rounded();
}

}  // namespace prodigest::linear
