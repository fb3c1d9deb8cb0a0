// What open_csv takes for a table: delimiters, quotes, line ends, headers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/csv_reader.hpp"
#include "io/csv_records.hpp"
#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Rows = std::vector<std::vector<double>>;
using Names = std::vector<std::string>;
using Records = std::vector<std::vector<std::string>>;

struct Table {
  Names names;
  Rows rows;
  bool operator==(const Table&) const = default;
};

Table read_table(const std::string& text, const std::string& file_name = "a.csv",
                 const ReadOptions& options = {}) {
  const TemporaryFile file(file_name, text);
  const auto reader = open_csv(file.path(), options);
  return {reader->column_names(), rows_of(read_all(*reader))};
}

Records records_of(const std::string& text, char delimiter = ',') {
  const TemporaryFile file("a.csv", text);
  LineInput lines(file.path());
  CsvRecords records(lines, delimiter);
  Records all;
  while (records.next()) all.emplace_back(records.cells().begin(), records.cells().end());
  return all;
}

void expect_format_error(const std::string& text, std::initializer_list<std::string_view> parts,
                         const std::string& file_name = "a.csv") {
  expect_error(ErrorCode::kFormat, parts, [&] { read_table(text, file_name); });
}

const Table kTable = {{"x", "y"}, {{1, 2.5}, {-3, 4e10}}};

TEST(CsvFormat, IsTheSameWithEveryLineEndAndMarkAndCompression) {
  EXPECT_EQ(read_table("x,y\n1,2.5\n-3,4e10\n"), kTable);
  EXPECT_EQ(read_table("x,y\n1,2.5\n-3,4e10"), kTable);
  EXPECT_EQ(read_table("x,y\r\n1,2.5\r\n-3,4e10\r\n"), kTable);
  EXPECT_EQ(read_table("x,y\r\n1,2.5\r\n-3,4e10"), kTable);
  EXPECT_EQ(read_table("\xef\xbb\xbfx,y\n1,2.5\n-3,4e10\n"), kTable);
  EXPECT_EQ(read_table("x,y\n1,2.5\n-3,4e10\n\n\r\n"), kTable);
  EXPECT_EQ(read_table("\"x\",\"y\"\n\"1\",\"2.5\"\n -3 ,\"+4e10\"\n"), kTable);
  EXPECT_EQ(read_table(gzipped("x,y\n1,2.5\n-3,4e10\n"), "a.csv.gz"), kTable);
  EXPECT_EQ(read_table(gzipped("x,y\n1,2.5\n-3,4e10\n"), "a.csv"), kTable);
}

TEST(CsvFormat, SniffsTheDelimiterFromTheHeader) {
  EXPECT_EQ(read_table("x;y\n1;2.5\n-3;4e10\n"), kTable);
  EXPECT_EQ(read_table("x\ty\n1\t2.5\n-3\t4e10\n"), kTable);
  EXPECT_EQ(read_table("x;\"a,b,c,d\";y\n1;0;2\n").names, (Names{"x", "a,b,c,d", "y"}));
  EXPECT_EQ(read_table("x,y; both sexes,z\n1,2,3\n").names, (Names{"x", "y; both sexes", "z"}));
  EXPECT_EQ(sniff_delimiter("x", true), ',');
  EXPECT_EQ(sniff_delimiter("1,5;2,5;3,5", false), ';');
  EXPECT_EQ(sniff_delimiter("1,5\t2,5;3,5", false), '\t');
}

TEST(CsvFormat, TakesTabsForATsv) {
  EXPECT_EQ(read_table("x\ty\n1\t2.5\n-3\t4e10\n", "a.tsv"), kTable);
  EXPECT_EQ(read_table(gzipped("x\ty\n1\t2.5\n-3\t4e10\n"), "A.TSV.gz"), kTable);
  EXPECT_EQ(read_table("a,b,c\n1\n", "a.tsv").names, (Names{"a,b,c"}));
}

TEST(CsvFormat, ReadsQuotedCells) {
  EXPECT_EQ(records_of("\"a,b\",\"say \"\"hi\"\"\",\"\",\"\"\"\"\n"),
            (Records{{"a,b", "say \"hi\"", "", "\""}}));
  EXPECT_EQ(records_of("\"one\ntwo\r\n\r\nthree\",x\r\ny,z"),
            (Records{{"one\ntwo\r\n\r\nthree", "x"}, {"y", "z"}}));
  EXPECT_EQ(records_of("x,\"a\n\"\n"), (Records{{"x", "a\n"}}));
  EXPECT_EQ(records_of("5\" pipe,a\"b\n"), (Records{{"5\" pipe", "a\"b"}}));
  EXPECT_EQ(records_of("\"a\",\n,\"b\"\n"), (Records{{"a", ""}, {"", "b"}}));
}

TEST(CsvFormat, ReadsCellsWithManyLines) {
  std::string cell;
  for (int i = 0; i < 100'000; ++i) cell += "line, " + std::to_string(i) + "\n";
  EXPECT_EQ(records_of("\"" + cell + "\",x\ny,z\n"), (Records{{cell, "x"}, {"y", "z"}}));
}

TEST(CsvFormat, TakesQuotesBetweenTabsLiterallyUnlessTheyEncloseTheCell) {
  EXPECT_EQ(records_of("\"The sign\" is good\t\"open\n\"a, b\"\tc\n\"\t\"x\"y\"\n", '\t'),
            (Records{{"\"The sign\" is good", "\"open"}, {"a, b", "c"}, {"\"", "\"x\"y\""}}));
}

TEST(CsvFormat, SaysWhereQuotesAreWrong) {
  expect_format_error("x,y\n1,2\n\"3\"4,5\n", {"a.csv: line 3", "closing quote"});
  expect_format_error("x,y\n1,2\n\"3,4\n5,6\n", {"a.csv: line 3", "never closed"});
}

TEST(CsvFormat, RefusesRaggedRows) {
  expect_format_error("x,y\n1,2\n3\n", {"a.csv: line 3", "expected 2 cells", "got 1"});
  expect_format_error("x,y\n1,2\n3,4,5\n", {"line 3", "expected 2 cells", "got 3"});
  // the line number counts line ends inside quotes
  expect_format_error("x,y\n\"1\n\",2\n3\n", {"line 4", "got 1"});
  expect_format_error("x\ty\n1\n", {"line 2", "expected 2 cells", "got 1"}, "a.tsv");
}

TEST(CsvFormat, RefusesBlankLinesBetweenRows) {
  expect_format_error("x,y\n1,2\n\n3,4\n", {"line 3 is blank"});
  expect_format_error("x\n1\n\n3\n", {"line 3 is blank"});
  expect_format_error("\nx\n1\n", {"line 1 is blank"});
}

TEST(CsvFormat, RefusesAnEmptyFile) {
  expect_format_error("", {"a.csv", "empty file"});
  expect_format_error("\n\n", {"empty file"});
  expect_format_error("\xef\xbb\xbf", {"empty file"});
  ReadOptions options;
  options.header = false;
  expect_error(ErrorCode::kFormat, {"empty file"}, [&] { read_table("", "a.csv", options); });
}

TEST(CsvFormat, ReadsNoRowsAndOneRow) {
  EXPECT_EQ(read_table("x,y\n"), (Table{{"x", "y"}, {}}));
  EXPECT_EQ(read_table("x,y"), (Table{{"x", "y"}, {}}));
  EXPECT_EQ(read_table("x,y\n1,2"), (Table{{"x", "y"}, {{1, 2}}}));
  EXPECT_EQ(read_table("x\n1\n"), (Table{{"x"}, {{1}}}));
}

TEST(CsvFormat, NumbersTheColumnsWithoutAHeader) {
  ReadOptions options;
  options.header = false;
  EXPECT_EQ(read_table("1,2\n3,4\n", "a.csv", options), (Table{{"0", "1"}, {{1, 2}, {3, 4}}}));
  options.columns = {"1"};
  EXPECT_EQ(read_table("1,2\n3,4\n", "a.csv", options), (Table{{"1"}, {{2}, {4}}}));
}

TEST(CsvFormat, RefusesUnusableHeaders) {
  expect_format_error("x,y,x\n1,2,3\n", {"line 1", "columns 1 and 3", "\"x\""});
  expect_format_error("x,gr\xfc\xdf\n1,2\n", {"line 1", "column 2", "UTF-8", "iconv"});
  expect_format_error(std::string("x\0,y\0\n", 6), {"line 1", "not a text file"});
  expect_format_error("x,y\r1,2\r3,4\r", {"line 1", "line ends"});
  expect_format_error("\xff\xfex\0", {"UTF-16", "iconv"});
}

TEST(CsvFormat, ReadsVeryLongLines) {
  std::string header, row;
  for (int i = 0; i < 60'000; ++i) {
    header += fmt::format("c{},", i);
    row += fmt::format("{},", i);
  }
  const Table table = read_table(header + "last\n" + row + "1\n" + row + "2");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[1][59'999], 59'999.0);
  EXPECT_EQ(table.names[59'999], "c59999");
}

}  // namespace
}  // namespace prodigest::io
