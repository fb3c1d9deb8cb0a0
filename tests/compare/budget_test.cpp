#include "prodigest/compare/budget.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"

namespace prodigest::compare {
namespace {

using Unit = Budget::Unit;

TEST(Budget, IsReadAsPeopleWriteIt) {
  const std::pair<const char*, Budget> cases[] = {
      {"1000", {Unit::kRows, 1000}},    {"1", {Unit::kRows, 1}},
      {"100kB", {Unit::kBytes, 1e5}},   {"100 kB", {Unit::kBytes, 1e5}},
      {"1MB", {Unit::kBytes, 1e6}},     {"1.5MB", {Unit::kBytes, 1.5e6}},
      {"64KiB", {Unit::kBytes, 65536}}, {"2GiB", {Unit::kBytes, 0x1p31}},
      {"700B", {Unit::kBytes, 700}},    {"5%", {Unit::kShare, 0.05}},
      {"0.5%", {Unit::kShare, 0.005}},  {"100%", {Unit::kShare, 1}}};
  for (const auto& [text, budget] : cases) EXPECT_EQ(parse_budget(text), budget) << text;
}

TEST(Budget, PrintsWhatReadsBackTheSame) {
  const std::pair<const char*, const char*> cases[] = {
      {"1000", "1000"},      {"100kB", "100kB"}, {"1.5MB", "1.5MB"}, {"1500kB", "1.5MB"},
      {"64KiB", "65.536kB"}, {"5%", "5%"},       {"20%", "20%"},     {"0.5%", "0.5%"},
      {"33.3%", "33.3%"},    {"100%", "100%"},   {"700B", "700B"},   {"123457B", "123457B"}};
  for (const auto& [text, printed] : cases) {
    const Budget budget = parse_budget(text);
    EXPECT_EQ(to_text(budget), printed);
    EXPECT_EQ(parse_budget(to_text(budget)), budget) << text;
  }
}

TEST(Budget, RefusesWhatIsNoSize) {
  for (const char* const text : {"", "0", "-1", "1.5", "0%", "101%", "5 percent", "kB", "1e400",
                                 "nan", "inf", "1TB", "10kb", "5%%", " 5%", "1e3000B"})
    expect_refusal(ErrorCode::kInvalidArgument, "size: expected a number of rows (1000)",
                   [&] { parse_budget(text); });
}

}  // namespace
}  // namespace prodigest::compare
