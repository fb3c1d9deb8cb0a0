// Specs of any method: which one a text names, and what all of them have.

#include <algorithm>
#include <array>

#include "base/fail.hpp"
#include "base/nearest_name.hpp"
#include "prodigest/core/spec_text.hpp"
#include "prodigest/digest/digest.hpp"

namespace prodigest::digest {
namespace {

using namespace std::string_view_literals;

constexpr std::array kMethods = {"priority"sv,    "threshold"sv, "gaussian"sv, "sign"sv,
                                 "countsketch"sv, "osnap"sv,     "srht"sv,     "lattice"sv};
constexpr auto kSampleMethods = std::span(kMethods).first<2>();

}  // namespace

std::span<const std::string_view> method_names() { return kMethods; }

DigestSpec parse_digest_spec(std::string_view text) {
  const std::string name = SpecText(text).name();
  if (std::ranges::find(kSampleMethods, name) != kSampleMethods.end())
    return sampling::parse_sample_spec(text);
  if (linear::is_linear_method(name)) return linear::parse_linear_spec(text);
  if (lattice::is_lattice_method(name)) return lattice::parse_lattice_spec(text);
  const std::vector<std::string> names(kMethods.begin(), kMethods.end());
  fail(ErrorCode::kInvalidArgument, "{}",
       no_such_name("method", name, fmt::format("spec \"{}\"", text), names));
}

std::string to_text(const DigestSpec& spec) {
  return std::visit([](const auto& s) { return to_text(s); }, spec);
}

Index size_of(const DigestSpec& spec) {
  return std::visit([](const auto& s) { return s.size; }, spec);
}

DigestSpec with_size(DigestSpec spec, Index size) {
  std::visit([&](auto& s) { s.size = size; }, spec);
  return spec;
}

DigestSpec with_seed(DigestSpec spec, Seed seed) {
  std::visit([&](auto& s) { s.seed = seed; }, spec);
  return spec;
}

}  // namespace prodigest::digest
