#include "prodigest/linear/linear_spec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "base/fail.hpp"
#include "prodigest/core/spec_text.hpp"

namespace prodigest::linear {
namespace {

using namespace std::string_view_literals;

constexpr std::array kMethods = {"gaussian"sv, "sign"sv, "countsketch"sv, "osnap"sv, "srht"sv};
constexpr Index kMostRows = std::numeric_limits<std::int32_t>::max();  // of a sketch
constexpr Index kMostLength = Index{1} << 62;
constexpr Index kDefaultNonzeros = 8;

std::string_view method_of(const LinearSpec& spec) {
  switch (spec.op) {
    case Operator::kGaussian:
      return "gaussian";
    case Operator::kSign:
      return "sign";
    case Operator::kSparse:
      return spec.nonzeros == 1 ? "countsketch" : "osnap";
    case Operator::kHadamard:
      return "srht";
  }
  return "?";
}

// Whether the value is `second` of the two that the key may have.
bool is_second(SpecText& in, std::string_view key, std::string_view first,
               std::string_view second) {
  const std::string value = in.take(key, first);
  if (value != first && value != second)
    fail(ErrorCode::kInvalidArgument, "spec: {} must be {} or {}, got \"{}\"", key, first, second,
         value);
  return value == second;
}

Index read_length(SpecText& in) {
  const Index length = in.take_index("length", 0);
  if (length < 0 || length > kMostLength)
    fail(ErrorCode::kInvalidArgument, "spec: length must be at least 1 and at most 2^62, got {}",
         length);
  return length == 0 ? 0 : static_cast<Index>(std::bit_ceil(static_cast<std::uint64_t>(length)));
}

}  // namespace

LinearSpec parse_linear_spec(std::string_view text) {
  SpecText in(text);
  LinearSpec spec;
  const std::string& method = in.name();
  if (!is_linear_method(method))
    fail(ErrorCode::kInvalidArgument,
         "spec \"{}\": expected the method gaussian, sign, countsketch, osnap or srht, got \"{}\"",
         text, method);
  if (method == "gaussian") spec.op = Operator::kGaussian;
  if (method == "sign") spec.op = Operator::kSign;
  if (method == "srht") spec.op = Operator::kHadamard;
  spec.size = in.take_index("size", 0);
  spec.seed.value = in.take_unsigned("seed", 0);
  if (method == "osnap") spec.nonzeros = in.take_index("nonzeros", kDefaultNonzeros);
  if (method == "srht") spec.length = read_length(in);
  if (is_second(in, "rows", "whole", "parts")) spec.rows = RowUpdates::kParts;
  spec.single = is_second(in, "values", "f64", "f32");
  in.finish(fmt::format("size, seed, rows, values{}", method == "osnap"  ? " and nonzeros"
                                                      : method == "srht" ? " and length"
                                                                         : ""));
  if (spec.size == 0)
    fail(ErrorCode::kInvalidArgument,
         "spec \"{}\": give the number of rows of the sketch, as in \"{}:size=1000\"", text,
         method);
  validate(spec);
  return spec;
}

bool is_linear_method(std::string_view name) {
  return std::ranges::find(kMethods, name) != kMethods.end();
}

std::string to_text(const LinearSpec& spec) {
  SpecWriter out(method_of(spec));
  out.put("size", static_cast<std::uint64_t>(spec.size)).put("seed", spec.seed.value);
  if (spec.nonzeros > 1) out.put("nonzeros", static_cast<std::uint64_t>(spec.nonzeros));
  if (spec.length > 0) out.put("length", static_cast<std::uint64_t>(spec.length));
  if (spec.rows == RowUpdates::kParts) out.put("rows", "parts"sv);
  if (spec.single) out.put("values", "f32"sv);
  return out.text();
}

void validate(const LinearSpec& spec) {
  if (spec.size < 1 || spec.size > kMostRows)
    fail(ErrorCode::kInvalidArgument, "spec: size must be 1 to 2^31 - 1, got {}", spec.size);
  if (spec.nonzeros < 1 || spec.nonzeros > spec.size)
    fail(ErrorCode::kInvalidArgument,
         "spec: nonzeros must be at least 1 and at most size, got nonzeros={} and size={}",
         spec.nonzeros, spec.size);
  if (spec.nonzeros > 1 && spec.op != Operator::kSparse)
    fail(ErrorCode::kInvalidArgument, "spec: only osnap has nonzeros, got nonzeros={} for {}",
         spec.nonzeros, method_of(spec));
  if (spec.length == 0) return;
  if (spec.op != Operator::kHadamard)
    fail(ErrorCode::kInvalidArgument, "spec: only srht has a length, got length={} for {}",
         spec.length, method_of(spec));
  if (spec.length < 0 || !std::has_single_bit(static_cast<std::uint64_t>(spec.length)))
    fail(ErrorCode::kInvalidArgument, "spec: length must be a power of two, got {}", spec.length);
  if (spec.size > spec.length)
    fail(ErrorCode::kInvalidArgument,
         "spec: size must be at most length, got size={} and length={} (a larger length costs "
         "little)",
         spec.size, spec.length);
}

}  // namespace prodigest::linear
