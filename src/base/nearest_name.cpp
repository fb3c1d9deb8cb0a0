#include "base/nearest_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace prodigest {
namespace {

constexpr std::size_t kNamesShown = 20;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// Optimal string alignment (Damerau-Levenshtein without touching a pair twice), three rows of the
// table at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string> names) {
  const std::string wanted = lower_case(name);
  std::string_view nearest;
  std::size_t least = 0;
  for (const std::string& candidate : names) {
    const std::size_t distance = edit_distance(wanted, lower_case(candidate));
    if (2 * distance > std::max(wanted.size(), candidate.size())) continue;
    if (nearest.empty() || distance < least) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

std::string no_such_name(std::string_view what, std::string_view name, std::string_view where,
                         std::span<const std::string> names) {
  std::string message = fmt::format("no {} \"{}\" in {}", what, name, where);
  if (const std::string_view nearest = nearest_name(name, names); !nearest.empty())
    message += fmt::format("; nearest is \"{}\"", nearest);
  const auto shown = names.first(std::min(names.size(), kNamesShown));
  message += fmt::format(" ({}s: {}", what, fmt::join(shown, ", "));
  if (names.size() > kNamesShown)
    message += fmt::format(" and {} more", names.size() - kNamesShown);
  return message + ")";
}

}  // namespace prodigest
