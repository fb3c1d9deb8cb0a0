#include <array>
#include <cmath>

#include "base/fail.hpp"
#include "prodigest/core/spec_text.hpp"
#include "prodigest/kernel/gaussian_operator.hpp"

namespace prodigest::kernel {
namespace {

using namespace std::string_view_literals;

constexpr char kMethod[] = "gaussian";
constexpr std::array kTargets = {"vector"sv, "row_relative"sv};  // as ErrorTarget
constexpr GaussianSpec kDefaults{};

struct Count {
  std::string_view name;
  Index GaussianSpec::*member;
  Index least, most;
};
constexpr std::array kCounts = {Count{"near", &GaussianSpec::near, 0, 4096},
                                Count{"trees", &GaussianSpec::trees, 0, 1024},
                                Count{"key_cell", &GaussianSpec::key_cell, 8, 4096},
                                Count{"query_cell", &GaussianSpec::query_cell, 8, 4096},
                                Count{"verify_rows", &GaussianSpec::verify_rows, 32, 1 << 20}};

ErrorTarget target_named(const std::string& name) {
  if (name == kTargets[1]) return ErrorTarget::kRowRelative;
  if (name != kTargets[0])
    fail(ErrorCode::kInvalidArgument, "spec: target must be {} or {}, got \"{}\"", kTargets[0],
         kTargets[1], name);
  return ErrorTarget::kVector;
}

void check_probability(const char* name, double value) {
  if (!(value > 0 && value < 1))
    fail(ErrorCode::kInvalidArgument, "spec: {} must be between 0 and 1, both excluded, got {}",
         name, value);
}

}  // namespace

GaussianSpec parse_gaussian_spec(std::string_view text) {
  SpecText in(text);
  if (in.name() != kMethod)
    fail(ErrorCode::kInvalidArgument, "spec \"{}\": expected {}, got \"{}\"", text, kMethod,
         in.name());
  GaussianSpec spec;
  spec.bandwidth = in.take_number("bandwidth", kDefaults.bandwidth);
  spec.epsilon = in.take_number("epsilon", kDefaults.epsilon);
  spec.failure = in.take_number("failure", kDefaults.failure);
  spec.target = target_named(in.take("target", kTargets[0]));
  for (const Count& count : kCounts)
    spec.*count.member = in.take_index(count.name, kDefaults.*count.member);
  spec.seed.value = in.take_unsigned("seed", 0);
  in.finish(
      "bandwidth, epsilon, failure, target, near, trees, key_cell, query_cell, verify_rows and "
      "seed");
  validate(spec);
  return spec;
}

std::string to_text(const GaussianSpec& spec) {
  SpecWriter out(kMethod);
  out.put("bandwidth", spec.bandwidth).put("epsilon", spec.epsilon);
  if (spec.failure != kDefaults.failure) out.put("failure", spec.failure);
  if (spec.target != kDefaults.target) out.put("target", kTargets[1]);
  for (const Count& count : kCounts) {
    const Index value = spec.*count.member;
    if (value != kDefaults.*count.member)
      out.put(count.name, static_cast<std::uint64_t>(value));
  }
  if (spec.seed != Seed{}) out.put("seed", spec.seed.value);
  return out.text();
}

void validate(const GaussianSpec& spec) {
  if (!(spec.bandwidth > 0) || !std::isfinite(spec.bandwidth))
    fail(ErrorCode::kInvalidArgument, "spec: bandwidth must be positive and finite, got {}",
         spec.bandwidth);
  check_probability("epsilon", spec.epsilon);
  check_probability("failure", spec.failure);
  for (const Count& count : kCounts)
    if (spec.*count.member < count.least || spec.*count.member > count.most)
      fail(ErrorCode::kInvalidArgument, "spec: {} must be {} to {}, got {}", count.name,
           count.least, count.most, spec.*count.member);
}

}  // namespace prodigest::kernel
