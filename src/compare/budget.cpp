#include "prodigest/compare/budget.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "base/fail.hpp"

namespace prodigest::compare {
namespace {

using Unit = Budget::Unit;

struct UnitName {
  std::string_view text;
  Unit unit;
  double factor;
};

constexpr std::array kUnits = {
    UnitName{"", Unit::kRows, 1},          UnitName{"%", Unit::kShare, 0.01},
    UnitName{"B", Unit::kBytes, 1},        UnitName{"kB", Unit::kBytes, 1e3},
    UnitName{"KB", Unit::kBytes, 1e3},     UnitName{"MB", Unit::kBytes, 1e6},
    UnitName{"GB", Unit::kBytes, 1e9},     UnitName{"KiB", Unit::kBytes, 0x1p10},
    UnitName{"MiB", Unit::kBytes, 0x1p20}, UnitName{"GiB", Unit::kBytes, 0x1p30}};

bool is_size(const Budget& budget) {
  if (!(budget.amount > 0 && budget.amount < 0x1p53)) return false;
  if (budget.unit == Unit::kRows) return budget.amount == std::floor(budget.amount);
  return budget.unit == Unit::kBytes || budget.amount <= 1;
}

}  // namespace

Budget parse_budget(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{}) {
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    for (const UnitName& known : kUnits) {
      if (unit != known.text) continue;
      const Budget budget{known.unit, number * known.factor};
      if (is_size(budget)) return budget;
    }
  }
  fail(ErrorCode::kInvalidArgument,
       "size: expected a number of rows (1000), bytes of both digests (100kB, 1.5MB) or a share of "
       "the "
       "exact storage up to 100% (5%), got \"{}\"",
       text);
}

std::string to_text(const Budget& budget) {
  if (budget.unit == Unit::kRows) return fmt::format("{}", budget.amount);
  if (budget.unit == Unit::kShare) {
    // The shortest percentage that reads back as the same share.
    for (int decimals = 0; decimals < 16; ++decimals) {
      std::string text = fmt::format("{:.{}f}%", budget.amount * 100, decimals);
      if (std::stod(text) > 0 && parse_budget(text) == budget) return text;
    }
    return fmt::format("{:.17g}%", budget.amount * 100);
  }
  for (const auto& [name, factor] :
       {std::pair{"GB", 1e9}, std::pair{"MB", 1e6}, std::pair{"kB", 1e3}}) {
    std::string text = fmt::format("{}{}", budget.amount / factor, name);
    constexpr std::size_t kShort = 8;  // else it reads better in bytes
    if (budget.amount >= factor && text.size() <= kShort && parse_budget(text) == budget)
      return text;
  }
  return fmt::format("{}B", budget.amount);
}

}  // namespace prodigest::compare
