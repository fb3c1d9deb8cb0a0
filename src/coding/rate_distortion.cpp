#include "prodigest/coding/rate_distortion.hpp"

#include <cmath>

#include "base/fail.hpp"

namespace prodigest::coding {
namespace {

constexpr double kCriticalRate = 0.90632353695155078775753295623989891736552712852721;
constexpr double kSlope = 0.56458831013673489328961162026769726221973363235170;  // (1 - Gamma) / R*
constexpr double kCriticalGamma = 0.48830032583537533674987210729583075490400743364784;

void check_rate(const char* where, double rate) {
  if (!(rate >= 0 && std::isfinite(rate)))
    fail(ErrorCode::kInvalidArgument,
         "{}: rate must be at least 0 and finite, got {} bits an entry", where, rate);
}

void check_scale(const char* where, const ProductScale& scale) {
  if (!(scale.n >= 1 && std::isfinite(scale.n)))
    fail(ErrorCode::kInvalidArgument, "{}: expected a row or more, got n = {}", where, scale.n);
  for (const double square : {scale.squared_norm_a, scale.squared_norm_b, scale.squared_product})
    if (!(square >= 0 && std::isfinite(square)))
      fail(ErrorCode::kInvalidArgument, "{}: squared norms must be at least 0 and finite, got {}",
           where, square);
}

// Mean squared error of an ideal code of a standard normal.
double distortion(double rate) { return std::exp2(-2 * rate); }

double variance_scale(const ProductScale& scale) {
  return scale.squared_norm_a * (scale.squared_norm_b / scale.n);
}

// Of estimates that shrink products by 1 - error.
double shrunk_bound(const ProductScale& scale, double error) {
  return scale.squared_product * error * error + variance_scale(scale) * (error - error * error);
}

}  // namespace

double critical_rate() { return kCriticalRate; }

double gamma(double rate) {
  check_rate("gamma", rate);
  if (rate < kCriticalRate) return 1 - kSlope * rate;
  const double delta = distortion(rate);
  return delta * (2 - delta);
}

double rate_for(double error) {
  if (!(error > 0 && error <= 1))
    fail(ErrorCode::kInvalidArgument, "rate_for: error must be in (0, 1], got {}", error);
  if (error > kCriticalGamma) return (1 - error) / kSlope;
  // delta (2 - delta) = error, without the cancellation of 1 - sqrt(1 - error)
  return -0.5 * std::log2(error / (1 + std::sqrt(1 - error)));
}

double test_channel(double rate_a, double rate_b) {
  check_rate("test_channel", rate_a);
  check_rate("test_channel", rate_b);
  const double a = distortion(rate_a), b = distortion(rate_b);
  return a + b - a * b;
}

double universal_bound(const ProductScale& scale, double rate) {
  check_scale("universal_bound", scale);
  return shrunk_bound(scale, gamma(rate));
}

double universal_bound(const ProductScale& scale, double rate_a, double rate_b) {
  check_scale("universal_bound", scale);
  return shrunk_bound(scale, test_channel(rate_a, rate_b));
}

double unbiased_bound(const ProductScale& scale, double rate) {
  check_scale("unbiased_bound", scale);
  if (rate == 0)
    fail(
        ErrorCode::kInvalidArgument,
        "unbiased_bound: rate must be positive, got 0 (nothing is known without bias from 0 bits)");
  const double error = gamma(rate);
  return variance_scale(scale) * (error / (1 - error));
}

double one_sided_bound(const ProductScale& scale, double rate) {
  check_scale("one_sided_bound", scale);
  check_rate("one_sided_bound", rate);
  return shrunk_bound(scale, distortion(rate));
}

}  // namespace prodigest::coding
