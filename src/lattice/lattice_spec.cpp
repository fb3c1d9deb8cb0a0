#include "prodigest/lattice/lattice_spec.hpp"

#include <algorithm>
#include <array>

#include "base/fail.hpp"
#include "prodigest/core/spec_text.hpp"

namespace prodigest::lattice {
namespace {

using coding::Format;
using coding::Gain;
using namespace std::string_view_literals;

constexpr auto kMethod = "lattice"sv;
// In the order of their enumerators.
constexpr std::array kRotations = {"hadamard"sv, "none"sv};
constexpr std::array kCentres = {"no"sv, "yes"sv};
constexpr std::array kGains = {"auto"sv, "unbiased"sv, "mmse"sv, "plain"sv};

// The number of the key's value among those it may have, the fallback's without one.
template <std::size_t N>
std::size_t take_one_of(SpecText& in, std::string_view key,
                        const std::array<std::string_view, N>& values, std::size_t fallback) {
  const std::string value = in.take(key, values[fallback]);
  const auto found = std::ranges::find(values, value);
  if (found == values.end()) {
    std::string known;
    for (const std::string_view name : values) known.append(known.empty() ? "" : ", ").append(name);
    fail(ErrorCode::kInvalidArgument, "spec: {} must be one of {}, got \"{}\"", key, known, value);
  }
  return static_cast<std::size_t>(found - values.begin());
}

LatticeSpec usual_spec(const coding::Coding& coding) {
  LatticeSpec spec;
  spec.coding = coding;
  if (coding.format == Format::kInt || coding.format == Format::kGroup) {
    spec.rotation = Rotation::kNone;
    spec.centre = false;
    spec.gain = Gain::kPlain;
  }
  return spec;
}

}  // namespace

LatticeSpec parse_lattice_spec(std::string_view text) {
  SpecText in(text);
  if (!is_lattice_method(in.name()))
    fail(ErrorCode::kInvalidArgument, "spec \"{}\": expected the method lattice, got \"{}\"", text,
         in.name());
  LatticeSpec spec = usual_spec(coding::parse_coding(in.take("format", "F4")));
  spec.size = in.take_index("size", 0);
  spec.seed.value = in.take_unsigned("seed", 0);
  const auto take = [&](std::string_view key, const auto& values, auto fallback) {
    return take_one_of(in, key, values, static_cast<std::size_t>(fallback));
  };
  spec.rotation = static_cast<Rotation>(take("rotation", kRotations, spec.rotation));
  spec.centre = take("centre", kCentres, spec.centre) == 1;
  spec.gain = static_cast<Gain>(take("gain", kGains, spec.gain));
  in.finish("format, size, seed, rotation, centre and gain");
  validate(spec);
  return spec;
}

bool is_lattice_method(std::string_view name) { return name == kMethod; }

std::string to_text(const LatticeSpec& spec) {
  SpecWriter out(kMethod);
  out.put("format", coding::to_text(spec.coding));
  if (spec.size > 0) out.put("size", static_cast<std::uint64_t>(spec.size));
  out.put("seed", spec.seed.value);
  const LatticeSpec usual = usual_spec(spec.coding);
  if (spec.rotation != usual.rotation)
    out.put("rotation", kRotations[static_cast<std::size_t>(spec.rotation)]);
  if (spec.centre != usual.centre) out.put("centre", kCentres[spec.centre ? 1 : 0]);
  if (spec.gain != usual.gain) out.put("gain", kGains[static_cast<std::size_t>(spec.gain)]);
  return out.text();
}

void validate(const LatticeSpec& spec) {
  coding::code_bytes(spec.coding, 0);  // refuses bits out of range
  if (spec.size < 0)
    fail(ErrorCode::kInvalidArgument,
         "spec: size must be at least 1, got {} (without it all coordinates are coded)", spec.size);
}

}  // namespace prodigest::lattice
