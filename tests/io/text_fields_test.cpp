#include "io/text_fields.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace prodigest::io {
namespace {

double number(std::string_view text) {
  double value = 0;
  EXPECT_TRUE(parse_number(text, value)) << text;
  return value;
}

TEST(TextFields, ParsesNumbersToTheNearestDouble) {
  EXPECT_EQ(number("0.1"), 0.1);
  EXPECT_EQ(number("-1.5e-3"), -1.5e-3);
  EXPECT_EQ(number("+2"), 2.0);
  EXPECT_EQ(number("\t 7 \r"), 7.0);
  EXPECT_EQ(number("17976931348623157e292"), std::numeric_limits<double>::max());
  EXPECT_EQ(number("4.9e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(number("1e-400"), 0.0);
  EXPECT_EQ(number("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_TRUE(std::isinf(number("-Infinity")));
  EXPECT_TRUE(std::isinf(number("1e999")));
  EXPECT_TRUE(std::isnan(number("NaN")));
}

TEST(TextFields, ParsesNothingElseAsANumber) {
  double value = 0;
  for (const std::string text : {"", " ", "+", "-", "+-1", "++1", "1,5", "1 2", "0x10", "1e", "abc",
                                 "5%", "$5", "--1", "1_000", ".", "e5"})
    EXPECT_FALSE(parse_number(text, value)) << text;
  EXPECT_FALSE(parse_number(std::string_view("1\0", 2), value));
}

TEST(TextFields, ParsesIntegers) {
  Index value = 0;
  EXPECT_TRUE(parse_integer("9223372036854775807", value));
  EXPECT_EQ(value, std::numeric_limits<Index>::max());
  for (const std::string text : {"", "9223372036854775808", "1.0", " 1", "1 ", "+1", "x"})
    EXPECT_FALSE(parse_integer(text, value)) << text;
}

TEST(TextFields, TakesTokensBetweenBlanks) {
  std::string_view rest = "  a\t b  ";
  EXPECT_EQ(next_token(rest), "a");
  EXPECT_EQ(next_token(rest), "b");
  EXPECT_EQ(next_token(rest), "");
}

TEST(TextFields, KnowsUtf8) {
  for (const std::string text : {"", "a", "gr\xc3\xbc\xc3\x9f", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(is_utf8(text));
  for (const std::string text : {"\xfc", "a\xc3", "\xed\xa0\x80", "\xc0\xaf"})
    EXPECT_FALSE(is_utf8(text));
}

TEST(TextFields, ShowsTextShortAndPrintable) {
  EXPECT_EQ(shown("n/a"), "\"n/a\"");
  EXPECT_EQ(shown(std::string_view("a\0\n", 3)), "\"a\\x00\\x0a\"");
  EXPECT_EQ(shown(std::string(50, 'x')), "\"" + std::string(40, 'x') + "...\"");
}

}  // namespace
}  // namespace prodigest::io
