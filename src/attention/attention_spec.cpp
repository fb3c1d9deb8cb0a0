#include "prodigest/attention/attention_spec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include "base/fail.hpp"
#include "base/nearest_name.hpp"
#include "prodigest/core/spec_text.hpp"

namespace prodigest::attention {
namespace {

using namespace std::string_view_literals;

// In the order of the enumerators.
constexpr std::array kKinds = {"softmax"sv, "polynomial"sv, "polysketch"sv, "performer"sv};
constexpr std::array kSketches = {"orthogonal"sv, "gaussian"sv, "hadamard"sv, "given"sv,
                                  "external"sv};
constexpr std::array kNorms = {"layer"sv, "rms"sv, "none"sv};

constexpr AttentionSpec kDefaults{};
constexpr Index kMostSize = Index{1} << 20;  // as many columns have names in the draws
constexpr Index kPerformerSize = 256;

template <class Enum>
Enum named(std::string_view what, std::string_view name, std::span<const std::string_view> names,
           std::string_view text) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end())
    fail(ErrorCode::kInvalidArgument, "{}",
         no_such_name(what, name, fmt::format("spec \"{}\"", text),
                      std::vector<std::string>(names.begin(), names.end())));
  return static_cast<Enum>(found - names.begin());
}

template <class Enum>
std::string_view name_of(Enum value, std::span<const std::string_view> names) {
  return names[static_cast<std::size_t>(value)];
}

bool has_degree(Kind kind) { return kind == Kind::kPolynomial || kind == Kind::kPolysketch; }
bool has_size(Kind kind) { return kind == Kind::kPolysketch || kind == Kind::kPerformer; }
bool has_epsilon(Kind kind) { return kind != Kind::kSoftmax; }

Normalization usual_norm(Kind kind) {
  return has_degree(kind) ? Normalization::kLayer : Normalization::kNone;
}

std::string_view keys_of(Kind kind) {
  switch (kind) {
    case Kind::kSoftmax:
      return "norm, scale and seed";
    case Kind::kPolynomial:
      return "degree, norm, scale, epsilon and seed";
    case Kind::kPolysketch:
      return "degree, size, sketch, local_block, norm, scale, epsilon and seed";
    case Kind::kPerformer:
      return "size, norm, scale, epsilon and seed";
  }
  return "?";
}

// What a kind has no use for must be left alone: then one spec is one text.
void refuse_unless(bool used_or_default, std::string_view member, Kind kind) {
  if (!used_or_default)
    fail(ErrorCode::kInvalidArgument, "spec: {} has no {} (leave that member as it is)",
         name_of(kind, kKinds), member);
}

int checked_degree(Index degree) {
  if (degree != 2 && degree != 4 && degree != 8)
    fail(ErrorCode::kInvalidArgument, "spec: degree must be 2, 4 or 8, got {}", degree);
  return static_cast<int>(degree);
}

void validate_degree(const AttentionSpec& spec) {
  checked_degree(spec.degree);
  if (spec.sketch == SketchKind::kExternal && spec.degree != 2)
    fail(ErrorCode::kInvalidArgument,
         "spec: degree must be 2 for sketch=external, got {} (the weight of two sketches is the "
         "square of their product)",
         spec.degree);
  if (spec.sketch == SketchKind::kGiven && spec.degree != 4)
    fail(ErrorCode::kInvalidArgument,
         "spec: degree must be 4 for sketch=given, got {} (two matrices make a sketch of degree 2)",
         spec.degree);
}

void validate_size(const AttentionSpec& spec) {
  if (spec.size < 1 || spec.size > kMostSize)
    fail(ErrorCode::kInvalidArgument, "spec: size must be 1 to 2^20, got {}", spec.size);
  const auto size = static_cast<std::uint64_t>(spec.size);
  if (spec.sketch == SketchKind::kHadamard && !std::has_single_bit(size))
    fail(ErrorCode::kInvalidArgument,
         "spec: size must be a power of two for sketch=hadamard, got {} (take {} or {})", size,
         std::bit_floor(size), std::bit_ceil(size));
}

}  // namespace

AttentionSpec parse_attention_spec(std::string_view text) {
  SpecText in(text);
  AttentionSpec spec;
  spec.kind = named<Kind>("attention", in.name(), kKinds, text);
  if (spec.kind == Kind::kPolysketch) {
    const std::string sketch = in.take("sketch", kSketches[0]);
    spec.sketch = named<SketchKind>("sketch kind", sketch, kSketches, text);
    spec.local_block = in.take_index("local_block", 0);
  }
  const Index usual_degree = spec.sketch == SketchKind::kExternal ? 2 : kDefaults.degree;
  const Index usual_size = spec.kind == Kind::kPerformer ? kPerformerSize : kDefaults.size;
  if (has_degree(spec.kind)) spec.degree = checked_degree(in.take_index("degree", usual_degree));
  if (has_size(spec.kind)) spec.size = in.take_index("size", usual_size);
  const std::string norm = in.take("norm", name_of(usual_norm(spec.kind), kNorms));
  spec.norm = named<Normalization>("norm", norm, kNorms, text);
  spec.scale = in.take_number("scale", kDefaults.scale);
  if (has_epsilon(spec.kind)) spec.epsilon = in.take_number("epsilon", kDefaults.epsilon);
  spec.seed.value = in.take_unsigned("seed", 0);
  in.finish(keys_of(spec.kind));
  validate(spec);
  return spec;
}

std::string to_text(const AttentionSpec& spec) {
  SpecWriter out(name_of(spec.kind, kKinds));
  if (has_degree(spec.kind)) out.put("degree", static_cast<std::uint64_t>(spec.degree));
  if (has_size(spec.kind)) out.put("size", static_cast<std::uint64_t>(spec.size));
  if (spec.sketch != kDefaults.sketch) out.put("sketch", name_of(spec.sketch, kSketches));
  if (spec.local_block != 0) out.put("local_block", static_cast<std::uint64_t>(spec.local_block));
  if (spec.norm != usual_norm(spec.kind)) out.put("norm", name_of(spec.norm, kNorms));
  if (spec.scale != 0) out.put("scale", spec.scale);
  if (spec.epsilon != kDefaults.epsilon) out.put("epsilon", spec.epsilon);
  if (spec.seed != Seed{}) out.put("seed", spec.seed.value);
  return out.text();
}

void validate(const AttentionSpec& spec) {
  refuse_unless(has_degree(spec.kind) || spec.degree == kDefaults.degree, "degree", spec.kind);
  refuse_unless(has_size(spec.kind) || spec.size == kDefaults.size, "size", spec.kind);
  const bool polysketch = spec.kind == Kind::kPolysketch;
  refuse_unless(polysketch || spec.sketch == kDefaults.sketch, "sketch", spec.kind);
  refuse_unless(polysketch || spec.local_block == 0, "local_block", spec.kind);
  refuse_unless(has_epsilon(spec.kind) || spec.epsilon == kDefaults.epsilon, "epsilon", spec.kind);
  if (has_degree(spec.kind)) validate_degree(spec);
  if (has_size(spec.kind)) validate_size(spec);
  if (spec.local_block < 0)
    fail(ErrorCode::kInvalidArgument, "spec: local_block must be at least 1, or 0 for none, got {}",
         spec.local_block);
  if (!(spec.scale >= 0) || !std::isfinite(spec.scale))
    fail(ErrorCode::kInvalidArgument,
         "spec: scale must be positive, or 0 for 1 / sqrt(width), got {}", spec.scale);
  if (!(spec.epsilon >= 0) || !std::isfinite(spec.epsilon))
    fail(ErrorCode::kInvalidArgument, "spec: epsilon must be at least 0, got {}", spec.epsilon);
}

}  // namespace prodigest::attention
