#include "facts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace prodigest::cli {

std::string Facts::text() const {
  std::size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : lines) text += fmt::format("  {:<{}}  {}\n", name, width, value);
  return text;
}

}  // namespace prodigest::cli
