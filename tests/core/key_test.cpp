#include "prodigest/core/key.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "expect_error.hpp"

namespace prodigest {
namespace {

using namespace std::string_view_literals;
using Cells = std::vector<std::string_view>;

RowId typed(const Cells& cells) { return row_id_of_cells(cells, KeyEncoding::kTyped); }
RowId as_text(const Cells& cells) { return row_id_of_cells(cells, KeyEncoding::kText); }

// Made with the xxhash package of Python; docs/keys.md shows a part of them to implementers.
struct GoldenText {
  std::string_view text;
  RowId id;
};
const std::vector<GoldenText> kGoldenTexts = {
    {"", 0x2d06800538d394c2},
    {"a", 0xe6c632b61e964e1f},
    {"libc6", 0x4729ea96a23ea949},
    {"Z\u00fcrich", 0x0ba44fcc12cca74e},
    {"Zu\u0308rich", 0x0ba44fcc12cca74e},
    {"Z\u00dcRICH", 0x903a5f51a6bb957a},
    {"7", 0x06eed105b82285fa},
    {"007", 0x00983b6dd0c94d82},
    {"-0", 0x773d18eedb6ed630},
    {"-5", 0xfff97459844e92f0},
    {"18446744073709551616", 0x7be2153177db3e37},
    {"-9223372036854775809", 0x9ab25cd2cd1dc0cb},
    {"+1", 0x09fc0c59b678d3b9},
    {"1.0", 0xed84d7031aa12bce},
    {" 1", 0x69b6a1214b2694ce},
    {"1 ", 0xd76d90ffb495ae42},
    {"a\0b"sv, 0xd5a06cd078125351},
    {"\U0001f600", 0x0b4fecf421a0808e},
    {"\u212b", 0x79e5949b57ed6a49},  // Angstrom sign, one with the letter A with ring
    {"\u00c5", 0x79e5949b57ed6a49},
    {"q\u0307\u0323", 0xe113db6f11c272f4},  // marks in either order
    {"q\u0323\u0307", 0xe113db6f11c272f4},
    {"\u0958", 0x5600514cd183a5d7},  // excluded from composition: stays two characters
    {"\u1112\u1161\u11ab", 0x63342715256f11f6},
    {"\ud55c", 0x63342715256f11f6},  // a Korean syllable and its three letters
    {"\ufb01", 0x21f44f5401df33a3},  // the ligature fi is not the letters f i
};

TEST(RowId, OfTextGivesTheGoldenNumbers) {
  for (const auto& [text, id] : kGoldenTexts) EXPECT_EQ(row_id_of_text(text), id) << text;
  EXPECT_EQ(row_id_of_text(std::string(300, 'x')),
            0xa5d1b4607dc83554);  // XXH3's path for long input
}

TEST(RowId, OfOneCellTakenAsTextIsThatOfTheText) {
  for (const auto& [text, id] : kGoldenTexts) EXPECT_EQ(as_text({text}), id) << text;
}

TEST(RowId, OfAnIntegerIsTheIntegerInTwosComplement) {
  EXPECT_EQ(row_id_of_integer(0), 0u);
  EXPECT_EQ(row_id_of_integer(7), 7u);
  EXPECT_EQ(row_id_of_integer(-5), 0xfffffffffffffffb);
  EXPECT_EQ(row_id_of_integer(std::numeric_limits<std::int64_t>::min()), 0x8000000000000000);
}

TEST(RowId, OfAnIntegerCellIsTheInteger) {
  EXPECT_EQ(typed({"0"}), 0u);
  EXPECT_EQ(typed({"7"}), 7u);
  EXPECT_EQ(typed({"1990"}), 1990u);
  EXPECT_EQ(typed({"-5"}), row_id_of_integer(-5));
  EXPECT_EQ(typed({"9223372036854775807"}), 0x7fffffffffffffff);
  EXPECT_EQ(typed({"9223372036854775808"}), 0x8000000000000000);
  EXPECT_EQ(typed({"18446744073709551615"}), 0xffffffffffffffff);
  EXPECT_EQ(typed({"-9223372036854775808"}), 0x8000000000000000);
}

TEST(RowId, OfACellNotWrittenAsAnIntegerIsPrintedIsThatOfText) {
  for (const std::string_view cell : {"",
                                      "-",
                                      "--1",
                                      "-0",
                                      "00",
                                      "007",
                                      "-01",
                                      "+1",
                                      "1.0",
                                      "1e3",
                                      "0x10",
                                      " 1",
                                      "1 ",
                                      "1_000",
                                      "1,000",
                                      "18446744073709551616",
                                      "99999999999999999999",
                                      "100000000000000000000",
                                      "-9223372036854775809",
                                      "-18446744073709551615",
                                      "\u0967",
                                      "\uff11"})
    EXPECT_EQ(typed({cell}), row_id_of_text(cell)) << cell;
  EXPECT_EQ(typed({"1\0"sv}), row_id_of_text("1\0"sv));
}

TEST(RowId, IsTypedUnlessAskedOtherwise) {
  const Cells cells{"7"};
  EXPECT_EQ(row_id_of_cells(cells), 7u);
  EXPECT_EQ(as_text(cells), 0x06eed105b82285fa);
}

TEST(RowId, OfCompositeKeysGivesTheGoldenNumbers) {
  EXPECT_EQ(typed({"Germany", "1990"}), 0x29dbbbbc97f1e44e);
  EXPECT_EQ(as_text({"Germany", "1990"}), 0x34c6d62e13e06f7e);
  EXPECT_EQ(typed({"a", "bc"}), 0xecf549278d0c21ff);
  EXPECT_EQ(typed({"ab", "c"}), 0xb8a626749c9ccdf5);
  EXPECT_EQ(typed({"abc", ""}), 0xd06e10b40c00cf62);
  EXPECT_EQ(typed({"", "abc"}), 0xa2dd75cccc4b2b75);
  EXPECT_EQ(typed({"", ""}), 0xea26dbf470c460f6);
  EXPECT_EQ(typed({"", "", ""}), 0x89623c473d12bb1c);
  EXPECT_EQ(typed({"1", "2"}), 0x0b09456d038c8693);
  EXPECT_EQ(typed({"12", ""}), 0x32426cd786eff427);
  EXPECT_EQ(typed({"-1", "x"}), 0x4a1130e86ee4a289);
  EXPECT_EQ(typed({"7", "7a"}), 0x5a40ffdbd431902e);
  EXPECT_EQ(typed({"Z\u00fcrich", "7"}), 0xd96f6c5293768140);
  EXPECT_EQ(typed({"Zu\u0308rich", "7"}), 0xd96f6c5293768140);
}

TEST(RowId, RefusesTextThatIsNotUtf8) {
  for (const std::string_view bytes :
       {"Z\xfcrich"sv, "\x80"sv, "\xc3"sv, "\xc0\xaf"sv, "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv,
        "a\xff"sv}) {  // Latin-1, stray, cut, overlong, surrogate, past the last character, no byte
                       // of UTF-8
    constexpr auto kMessage =
        "key: text must be UTF-8, got other bytes (Invalid UTF-8 string) (convert it with iconv)";
    expect_error(ErrorCode::kInvalidArgument, kMessage, [&] { row_id_of_text(bytes); });
    expect_error(ErrorCode::kInvalidArgument, kMessage, [&] { typed({bytes}); });
    expect_error(ErrorCode::kInvalidArgument, kMessage, [&] { typed({"7", bytes}); });
  }
}

TEST(RowId, RefusesAKeyWithoutParts) {
  expect_error(ErrorCode::kInvalidArgument, "key: expected one part or more, got none",
               [] { typed({}); });
}

}  // namespace
}  // namespace prodigest
