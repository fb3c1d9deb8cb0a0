#include "prodigest/core/spec_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>

#include "expect_error.hpp"

namespace prodigest {
namespace {

void expect_refused(const std::string& text, const std::string& message) {
  expect_error(ErrorCode::kInvalidArgument, message, [&] { SpecText{text}; });
}

TEST(SpecText, IsANameAndPairs) {
  SpecText spec("priority:size=1000,seed=42");
  EXPECT_EQ(spec.name(), "priority");
  EXPECT_EQ(spec.take_index("size", 1), 1000);
  EXPECT_EQ(spec.take_unsigned("seed", 0), 42u);
  spec.finish("size, seed");
}

TEST(SpecText, MayBeANameAlone) {
  SpecText spec("exact");
  EXPECT_EQ(spec.name(), "exact");
  spec.finish("nothing");
}

TEST(SpecText, GivesTheFallbackForAKeyThatIsNotThere) {
  SpecText spec("priority");
  EXPECT_EQ(spec.take("weight", "norm"), "norm");
  EXPECT_EQ(spec.take_index("size", -3), -3);
  EXPECT_EQ(spec.take_unsigned("seed", 5), 5u);
  EXPECT_EQ(spec.take_number("mix", 0.5), 0.5);
}

TEST(SpecText, HandsAValueOutOnce) {
  SpecText spec("m:a=x,b=y");
  EXPECT_EQ(spec.take("b", "-"), "y");
  EXPECT_EQ(spec.take("b", "-"), "-");
  EXPECT_EQ(spec.take("a", "-"), "x");
}

TEST(SpecText, AValueEndsAtTheCommaAndNowhereElse) {
  SpecText spec("m:path=a:b=c d,e= ");
  EXPECT_EQ(spec.take("path", ""), "a:b=c d");
  EXPECT_EQ(spec.take("e", ""), " ");
}

TEST(SpecText, ReadsTheWholeRangeOfItsNumbers) {
  SpecText spec("m:a=-9223372036854775808,b=18446744073709551615,c=-1e-3,d=5e-324");
  EXPECT_EQ(spec.take_index("a", 0), std::numeric_limits<Index>::min());
  EXPECT_EQ(spec.take_unsigned("b", 0), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(spec.take_number("c", 0), -0.001);
  EXPECT_EQ(spec.take_number("d", 0), std::numeric_limits<double>::denorm_min());
}

TEST(SpecText, SaysWhereTheGrammarIsBroken) {
  const std::string method = R"(expected a method first, as in "priority:size=1000")";
  expect_refused("", "spec \"\": " + method);
  expect_refused(":size=1", "spec \":size=1\": " + method);
  expect_refused("m:", R"(spec "m:": expected key=value at character 3, got "")");
  expect_refused("m:a", R"(spec "m:a": expected key=value at character 3, got "a")");
  expect_refused("m:=1", R"(spec "m:=1": expected key=value at character 3, got "=1")");
  expect_refused("m:a=1,b=", R"(spec "m:a=1,b=": expected key=value at character 7, got "b=")");
  expect_refused("m:a=1,", R"(spec "m:a=1,": expected key=value at character 7, got "")");
  expect_refused("m:a=1,,b=2", R"(spec "m:a=1,,b=2": expected key=value at character 7, got "")");
  expect_refused("m:a=1,a=2", R"(spec "m:a=1,a=2": a is given twice)");
}

TEST(SpecText, RefusesAValueOfTheWrongType) {
  for (const std::string value : {"x", "1.5", "1e3", "+1", "0x10", "1 ", "9223372036854775808"})
    expect_error(ErrorCode::kInvalidArgument,
                 "spec \"m:a=" + value + "\": a must be a whole number, got \"" + value + "\"",
                 [&] { SpecText("m:a=" + value).take_index("a", 0); });
  for (const std::string value : {"-1", "1.5", "18446744073709551616"})
    expect_error(ErrorCode::kInvalidArgument,
                 "spec \"m:a=" + value + "\": a must be a whole number from 0 to 2^64 - 1, got \"" +
                     value + "\"",
                 [&] { SpecText("m:a=" + value).take_unsigned("a", 0); });
  for (const std::string value : {"x", "1.5x", "0.5 ", "+1", "1e999"})
    expect_error(ErrorCode::kInvalidArgument,
                 "spec \"m:a=" + value + "\": a must be a number, got \"" + value + "\"",
                 [&] { SpecText("m:a=" + value).take_number("a", 0); });
}

TEST(SpecText, RefusesAKeyThatNobodyTook) {
  SpecText spec("priority:size=10,sead=1");
  spec.take_index("size", 0);
  expect_error(
      ErrorCode::kInvalidArgument,
      R"(spec "priority:size=10,sead=1": priority does not know "sead" (it knows size, seed))",
      [&] { spec.finish("size, seed"); });
}

TEST(SpecWriter, WritesTheGrammar) {
  EXPECT_EQ(SpecWriter("exact").text(), "exact");
  EXPECT_EQ(SpecWriter("priority")
                .put("size", std::uint64_t{1000})
                .put("weight", "norm")
                .put("mix", 0.1)
                .text(),
            "priority:size=1000,weight=norm,mix=0.1");
}

TEST(SpecWriter, WritesTheShortestTextOfANumber) {
  const auto text = [](double x) { return SpecWriter("m").put("x", x).text(); };
  EXPECT_EQ(text(0.5), "m:x=0.5");
  EXPECT_EQ(text(1.0), "m:x=1");
  EXPECT_EQ(text(1e300), "m:x=1e+300");
  EXPECT_EQ(text(0.1 + 0.2), "m:x=0.30000000000000004");
}

RC_GTEST_PROP(SpecTextProperty, ParsesWhatWasPrinted, ()) {
  const auto word = rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::inRange('a', '{'), rc::gen::elementOf(std::string("_-.")))));
  // Any text but a comma may stand in a value.
  const auto value = rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::distinctFrom(rc::gen::arbitrary<char>(), ',')));
  const std::string name = *word;
  const auto texts = *rc::gen::container<std::map<std::string, std::string>>(word, value);
  const auto whole = *rc::gen::arbitrary<std::uint64_t>();
  const auto number = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
  RC_PRE(std::isfinite(number));

  SpecWriter writer(name);
  for (const auto& [key, text] : texts) writer.put(key, text);
  writer.put("WHOLE", whole).put("NUMBER", number);

  SpecText spec(writer.text());
  RC_ASSERT(spec.name() == name);
  for (const auto& [key, text] : texts) RC_ASSERT(spec.take(key, "") == text);
  RC_ASSERT(spec.take_unsigned("WHOLE", whole + 1) == whole);
  RC_ASSERT(std::bit_cast<std::uint64_t>(spec.take_number("NUMBER", 99)) ==
            std::bit_cast<std::uint64_t>(number));
  spec.finish("");
}

}  // namespace
}  // namespace prodigest
