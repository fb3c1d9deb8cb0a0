#include "prodigest/coding/format.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "coding/every_coding.hpp"
#include "expect_error.hpp"

namespace prodigest::coding {
namespace {

TEST(Coding, ReadsWhatItWrites) {
  EXPECT_EQ(every_coding().size(), 6u + 7 + 7 + 5);
  for (const Coding& coding : every_coding()) EXPECT_EQ(parse_coding(to_text(coding)), coding);
}

TEST(Coding, IsReadInAnyCase) {
  EXPECT_EQ(parse_coding("f4PAIR"), (Coding{Format::kF4pair, 0}));
  EXPECT_EQ(parse_coding("i8"), (Coding{Format::kI8, 0}));
  EXPECT_EQ(parse_coding("INT4"), (Coding{Format::kInt, 4}));
  EXPECT_EQ(to_text(parse_coding("Lloyd6")), "lloyd6");
  EXPECT_EQ(to_text(parse_coding("f4FAST")), "F4fast");
}

TEST(Coding, RefusesOtherNamesWithTheNearest) {
  expect_error(ErrorCode::kInvalidArgument,
               "coding: format must be one of F4, F4pair, F4fast, F3, F2, I8, int2 to int8, group2 "
               "to group8, lloyd2 to lloyd6, got \"loyd4\" (nearest is lloyd4)",
               [] { parse_coding("loyd4"); });
  for (const char* text : {"", "F5", "F4 ", "int", "int1", "int9", "int44", "group", "lloyd7", "F"})
    expect_refusal(ErrorCode::kInvalidArgument, std::string("got \"") + text + "\"",
                   [&] { parse_coding(text); });
}

TEST(Coding, RefusesBitsThatTheFormatDoesNotHave) {
  expect_error(ErrorCode::kInvalidArgument, "coding: int takes 2 to 8 bits, got 9", [] {
    to_text({Format::kInt, 9});
  });
  expect_refusal(ErrorCode::kInvalidArgument, "lloyd takes 2 to 6 bits, got 7", [] {
    code_bytes({Format::kLloyd, 7}, 1);
  });
  expect_refusal(ErrorCode::kInvalidArgument, "F4 takes 0 to 0 bits, got 4", [] {
    bits_per_entry({Format::kF4, 4});
  });
  expect_refusal(ErrorCode::kInvalidArgument, "length must be at least 0, got -1", [] {
    code_bytes({Format::kF4, 0}, -1);
  });
}

TEST(CodeBytes, CountScalesOfBlocksAndGroups) {
  struct Case {
    const char* coding;
    Index length, bytes;
  };
  const Case cases[] = {
      {"F4", 1, 6},         {"F4", 8, 6},       {"F4", 9, 10},      {"F4", 512, 272},
      {"F4", 513, 278},     {"F4", 1024, 544},  {"F4pair", 1, 7},   {"F4pair", 9, 11},
      {"F4pair", 512, 268}, {"F4fast", 64, 34}, {"F4fast", 72, 40}, {"F3", 1, 5},
      {"F3", 512, 208},     {"F2", 1, 2},       {"F2", 512, 128},   {"I8", 77, 77},
      {"int3", 3, 2},       {"int3", 8, 3},     {"int4", 5, 3},     {"int8", 9, 9},
      {"group4", 32, 18},   {"group4", 33, 21}, {"group4", 31, 18}, {"group3", 1, 3},
      {"group8", 64, 68},   {"lloyd5", 8, 5},   {"lloyd2", 5, 2},   {"lloyd6", 1, 1},
  };
  for (const Case& c : cases)
    EXPECT_EQ(code_bytes(parse_coding(c.coding), c.length), c.bytes) << c.coding << ' ' << c.length;
  for (const Coding& coding : every_coding()) EXPECT_EQ(code_bytes(coding, 0), 0);
}

TEST(CodeBytes, AreBitsPerEntryOfLongVectors) {
  const std::pair<const char*, double> bits[] = {
      {"F4", 4.25}, {"F4pair", 4.1875}, {"F4fast", 4.25}, {"F3", 3.25},  {"F2", 2},
      {"I8", 8},    {"int5", 5},        {"group4", 4.5},  {"lloyd3", 3},
  };
  for (const auto& [name, expected] : bits) EXPECT_EQ(bits_per_entry(parse_coding(name)), expected);
  constexpr Index kLong = Index{1} << 50;
  for (const Coding& coding : every_coding())
    EXPECT_EQ(static_cast<double>(code_bytes(coding, kLong)) * 8 / kLong, bits_per_entry(coding));
}

TEST(CodeBytes, NeverFallWithTheLengthAndHoldEveryEntry) {
  for (const Coding& coding : every_coding())
    for (Index length = 1; length < 1200; ++length) {
      EXPECT_GE(code_bytes(coding, length), code_bytes(coding, length - 1));
      EXPECT_GE(8 * static_cast<double>(code_bytes(coding, length)),
                bits_per_entry(coding) * static_cast<double>(length));
    }
}

TEST(Coding, DecodesToInt8UnlessItIsGroupOrLloyd) {
  for (const Coding& coding : every_coding())
    EXPECT_EQ(decodes_to_int8(coding),
              coding.format != Format::kGroup && coding.format != Format::kLloyd);
}

}  // namespace
}  // namespace prodigest::coding
