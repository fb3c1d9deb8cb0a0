#include "attention/head_units.hpp"

#include <algorithm>

namespace prodigest::attention {

std::vector<HeadUnit> units_of_key_heads(const AttentionShape& shape,
                                         std::span<const Sequence> sequences) {
  const Index group = shape.heads / shape.key_heads;
  std::vector<HeadUnit> units;
  for (Index s = 0; s < std::ssize(sequences); ++s) {
    const Sequence& tokens = sequences[static_cast<std::size_t>(s)];
    for (Index g = 0; g < shape.key_heads; ++g)
      units.push_back({s, tokens, g, g * group, group, 0, tokens.queries});
  }
  return units;
}

std::vector<HeadUnit> units_of_queries(const AttentionShape& shape,
                                       std::span<const Sequence> sequences, Index most) {
  const Index group = shape.heads / shape.key_heads;
  const Index step = std::max<Index>(1, most / group);
  std::vector<HeadUnit> units;
  for (Index s = 0; s < std::ssize(sequences); ++s) {
    const Sequence& tokens = sequences[static_cast<std::size_t>(s)];
    for (Index g = 0; g < shape.key_heads; ++g)
      for (Index first = 0; first < tokens.queries; first += step)
        units.push_back(
            {s, tokens, g, g * group, group, first, std::min(step, tokens.queries - first)});
  }
  return units;
}

Index units_a_thread(double work, Index units) {
  constexpr double kLeast = 1e6;
  if (units == 0) return 1;
  const double each = std::max(1.0, work / static_cast<double>(units));
  return std::clamp(static_cast<Index>(kLeast / each), Index{1}, units);
}

}  // namespace prodigest::attention
