// Which cells of a table become which numbers and row ids.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "io/csv_reader.hpp"
#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Rows = std::vector<std::vector<double>>;
using Names = std::vector<std::string>;

struct Read {
  AllRows all;
  Names names;
  Names notes;
};

Read read(const std::string& text, const ReadOptions& options = {},
          const std::string& name = "a.csv") {
  const TemporaryFile file(name, text);
  const auto reader = open_csv(file.path(), options);
  AllRows all = read_all(*reader);
  return {std::move(all), reader->column_names(), reader->notes()};
}

ReadOptions with_key(Names key) {
  ReadOptions options;
  options.key = std::move(key);
  return options;
}

ReadOptions with_columns(Names columns) {
  ReadOptions options;
  options.columns = std::move(columns);
  return options;
}

ReadOptions with_missing(MissingCells missing) {
  ReadOptions options;
  options.missing = missing;
  return options;
}

TEST(CsvNumbers, LeavesTextColumnsOutAndSaysSo) {
  const Read table = read("id,section,size,empty\n1,a,5,\n2,7,6,NA\n");
  EXPECT_EQ(table.names, (Names{"id", "size"}));
  EXPECT_EQ(rows_of(table.all), (Rows{{1, 5}, {2, 6}}));
  ASSERT_EQ(table.notes.size(), 2u);
  EXPECT_EQ(table.notes[0], "column \"section\" is text: left out");
  EXPECT_NE(table.notes[1].find("column \"empty\" has no number in the first 2 rows"),
            std::string::npos);
}

TEST(CsvNumbers, JudgesColumnsByTheFirstThousandRows) {
  std::string text = "x,y\n";
  for (int i = 0; i < 999; ++i) text += "1,2\n";
  EXPECT_EQ(read(text + "1,late\n").names, Names{"x"});
  expect_error(ErrorCode::kFormat,
               {"line 1002", "column \"y\"", "expected a number", "\"late\"", "--columns"},
               [&] { read(text + "1,2\n1,late\n"); });
}

TEST(CsvNumbers, RefusesATableWithoutNumbers) {
  expect_error(ErrorCode::kInvalidArgument,
               {"a.csv", "numeric columns", "columns: x, y", "--words"},
               [] { read("x,y\na,b\n"); });
  expect_error(ErrorCode::kInvalidArgument, {"numeric columns"},
               [] { read("x\n1\n", with_key({"x"})); });
}

TEST(CsvNumbers, TakesColumnsByNameInTheOrderAskedFor) {
  const Read table = read("x,y,z\n1,2,3\n4,5,6\n", with_columns({"z", "x"}));
  EXPECT_EQ(table.names, (Names{"z", "x"}));
  EXPECT_EQ(rows_of(table.all), (Rows{{3, 1}, {6, 4}}));
  EXPECT_TRUE(table.notes.empty());
}

TEST(CsvNumbers, SuggestsTheNearestColumn) {
  const std::string text = "id,package,size\n1,a,2\n";
  for (const ReadOptions& options : {with_columns({"packge"}), with_key({"id", "packge"})})
    expect_error(
        ErrorCode::kInvalidArgument,
        {"no column \"packge\" in ", "a.csv; nearest is \"package\" (columns: id, package, size)"},
        [&] { read(text, options); });
}

TEST(CsvNumbers, RefusesAColumnNamedTwice) {
  expect_error(ErrorCode::kInvalidArgument, {"--columns", "\"x\" twice"}, [] {
    read("x,y\n1,2\n", with_columns({"x", "x"}));
  });
  expect_error(ErrorCode::kInvalidArgument, {"--key", "\"x\" twice"}, [] {
    read("x,y\n1,2\n", with_key({"x", "x"}));
  });
}

TEST(CsvNumbers, RefusesTextInAColumnAskedFor) {
  expect_error(ErrorCode::kFormat,
               {"a.csv: line 3, column \"y\"", "expected a number", "got \"n/a\"", "--columns"},
               [] { read("x,y\n1,2\n3,n/a\n", with_columns({"y"})); });
  expect_error(ErrorCode::kFormat, {"got \"1\\x00\""},
               [] { read(std::string("x\n1\0\n", 5), with_columns({"x"})); });
}

TEST(CsvNumbers, RefusesInfinity) {
  for (const std::string cell : {"inf", "-Infinity", "INF", "1e999", "-1e999"})
    expect_error(ErrorCode::kInvalidArgument, {"a.csv: line 3, column \"x\"", "finite", cell},
                 [&] { read("x\n1\n" + cell + "\n"); });
}

TEST(CsvNumbers, RefusesMissingCellsUnlessToldWhatToDo) {
  for (const std::string cell : {"", "NA", "NaN", "nan", "null", "NULL", "None", " ", " NA "})
    expect_error(ErrorCode::kInvalidArgument,
                 {"a.csv: line 3, column \"y\"", "expected a number", "got \"" + cell + "\"",
                  "--missing zero", "--missing drop"},
                 [&] { read("x,y\n1,2\n3," + cell + "\n"); });
}

TEST(CsvNumbers, TakesMissingCellsAsZero) {
  const Read table = read("x,y\n1,2\n,4\nNA,null\n", with_missing(MissingCells::kZero));
  EXPECT_EQ(rows_of(table.all), (Rows{{1, 2}, {0, 4}, {0, 0}}));
  EXPECT_EQ(table.notes, Names{"missing cells taken as 0: 3"});
}

TEST(CsvNumbers, LeavesRowsOutAndKeepsTheNumbersOfTheOthers) {
  ReadOptions options = with_missing(MissingCells::kDropRow);
  options.first_row = 10;
  const Read table = read("x,y\n1,2\n,4\n5,\n7,8\n", options);
  EXPECT_EQ(rows_of(table.all), (Rows{{1, 2}, {7, 8}}));
  EXPECT_EQ(table.all.row_ids, (std::vector<RowId>{10, 13}));
  EXPECT_EQ(table.notes, Names{"rows left out for a missing cell: 2"});
}

TEST(CsvNumbers, LeavesAllRowsOut) {
  ReadOptions options = with_missing(MissingCells::kDropRow);
  options.columns = {"x"};
  EXPECT_EQ(read("x,y\n,1\n,2\n", options).all.values.rows, 0);
}

TEST(CsvNumbers, NumbersRowsFromTheFirstRowAskedFor) {
  ReadOptions options;
  options.first_row = 1000;
  options.block_bytes = 8;
  const Read table = read("x\n1\n2\n3\n", options);
  EXPECT_FALSE(table.all.has_row_ids);
  EXPECT_EQ(table.all.row_ids, (std::vector<RowId>{1000, 1001, 1002}));
}

TEST(CsvNumbers, NamesRowsByTheirKey) {
  const Read table = read("x,id\n1,7\n2,007\n3,\"a,b\"\n", with_key({"id"}));
  EXPECT_EQ(table.names, Names{"x"});
  EXPECT_TRUE(table.all.has_row_ids);
  EXPECT_EQ(table.all.row_ids,
            (std::vector<RowId>{7, row_id_of_text("007"), row_id_of_text("a,b")}));
}

TEST(CsvNumbers, NamesRowsByACompositeKeyInTheOrderGiven) {
  const Read table = read("Entity,Year,x\nPeru,1990,5\n", with_key({"Entity", "Year"}));
  const std::string_view parts[] = {"Peru", "1990"};
  EXPECT_EQ(table.all.row_ids, std::vector<RowId>{row_id_of_cells(parts)});
  const Read turned = read("Entity,Year,x\nPeru,1990,5\n", with_key({"Year", "Entity"}));
  EXPECT_NE(turned.all.row_ids, table.all.row_ids);
}

TEST(CsvNumbers, TakesKeysAsTextIfAsked) {
  ReadOptions options = with_key({"id"});
  options.key_encoding = KeyEncoding::kText;
  EXPECT_EQ(read("id,x\n7,1\n", options).all.row_ids, std::vector<RowId>{row_id_of_text("7")});
}

TEST(CsvNumbers, KeepsAKeyColumnThatIsAskedFor) {
  ReadOptions options = with_key({"id"});
  options.columns = {"id", "x"};
  EXPECT_EQ(rows_of(read("id,x\n7,1\n", options).all), (Rows{{7, 1}}));
}

TEST(CsvNumbers, RefusesAnEmptyKey) {
  for (const std::string cell : {"", "  "})
    expect_error(ErrorCode::kInvalidArgument, {"a.csv: line 3, column \"id\"", "key is empty"},
                 [&] { read("id,x\n7,1\n" + cell + ",2\n", with_key({"id"})); });
  // The code of Namibia is a key.
  EXPECT_EQ(read("id,x\nNA,1\n", with_key({"id"})).all.row_ids,
            std::vector<RowId>{row_id_of_text("NA")});
}

TEST(CsvNumbers, RefusesAKeyThatIsNotUtf8) {
  expect_error(ErrorCode::kFormat, {"a.csv: line 2", "key is not UTF-8", "iconv"},
               [] { read("id,x\nK\xf6ln,1\n", with_key({"id"})); });
}

TEST(CsvNumbers, IsTheSameInBlocksOfAnySize) {
  std::string text = "id,x,t,y\n";
  for (int i = 0; i < 500; ++i)
    text += fmt::format("k{},{},{},{}\n", i, i * 0.37, i % 7 ? "t" : "\"a\n\"", i);
  const Read whole = read(text, with_key({"id"}));
  EXPECT_EQ(whole.all.blocks, 1);
  EXPECT_EQ(whole.all.values.rows, 500);
  for (const std::size_t bytes : {0u, 1u, 16u, 47u, 48u, 1000u}) {
    ReadOptions options = with_key({"id"});
    options.block_bytes = bytes;
    const Read parts = read(text, options);
    EXPECT_EQ(parts.all.values, whole.all.values);
    EXPECT_EQ(parts.all.row_ids, whole.all.row_ids);
    const int rows_per_block = std::max(1, static_cast<int>(bytes) / 16);
    EXPECT_EQ(parts.all.blocks, (500 + rows_per_block - 1) / rows_per_block);
  }
}

TEST(CsvNumbers, RewindsToTheSameRows) {
  ReadOptions options = with_missing(MissingCells::kDropRow);
  options.first_row = 5;
  options.block_bytes = 8;
  const TemporaryFile file("a.csv.gz", gzipped("x,t\n1,a\n,b\n3,c\n"));
  const auto reader = open_csv(file.path(), options);
  RowBlock block;
  reader->next(block);
  reader->rewind();
  for (int pass = 0; pass < 2; ++pass) {
    const AllRows all = read_all(*reader);
    EXPECT_EQ(rows_of(all), (Rows{{1}, {3}}));
    EXPECT_EQ(all.row_ids, (std::vector<RowId>{5, 7}));
    EXPECT_EQ(reader->notes().back(), "rows left out for a missing cell: 1");
    EXPECT_FALSE(reader->next(block));
    reader->rewind();
  }
}

TEST(CsvNumbers, ReadsAPipe) {
  const PipedInput pipe("id;t;x\n1;a;1.5\n2;b;2.5\n");
  const auto reader = open_csv("-", with_key({"id"}));
  EXPECT_EQ(reader->column_names(), Names{"x"});
  const AllRows all = read_all(*reader);
  EXPECT_EQ(rows_of(all), (Rows{{1.5}, {2.5}}));
  EXPECT_EQ(all.row_ids, (std::vector<RowId>{1, 2}));
  expect_error(ErrorCode::kUnsupported, {"<stdin>"}, [&] { reader->rewind(); });
}

TEST(CsvNumbers, RefusesOptionsOfOtherFormats) {
  ReadOptions options;
  options.vocabulary = {"a"};
  expect_error(ErrorCode::kInvalidArgument, {"a.csv", "no use for --vocabulary"},
               [&] { read("x\n1\n", options); });
  options = {};
  options.zero_based = true;
  expect_error(ErrorCode::kInvalidArgument, {"no use for --zero-based"},
               [&] { read("x\n1\n", options); });
}

RC_GTEST_PROP(CsvNumbers, ReadsBackEveryDouble, ()) {
  const auto columns = *rc::gen::inRange<std::size_t>(1, 5);
  const auto rows = *rc::gen::inRange<std::size_t>(1, 20);
  Rows expected;
  std::string text;
  for (std::size_t j = 0; j < columns; ++j) text += fmt::format("{}c{}", j ? "," : "", j);
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<double> row;
    text += "\n";
    for (std::size_t j = 0; j < columns; ++j) {
      row.push_back(std::ldexp(static_cast<double>(*rc::gen::arbitrary<std::int64_t>()),
                               *rc::gen::inRange(-1000, 900)));
      const std::string_view quote = *rc::gen::arbitrary<bool>() ? "\"" : "";
      text += fmt::format("{}{}{:.17g}{}", j ? "," : "", quote, row.back(), quote);
    }
    expected.push_back(row);
  }
  ReadOptions options;
  options.block_bytes = *rc::gen::inRange<std::size_t>(0, 300);
  RC_ASSERT(rows_of(read(text, options).all) == expected);
}

TEST(CsvNumbers, ReadsCountryYearTables) {
  const std::string name = "owid_lake/human_development_index_undp.csv.gz";
  const auto bytes = shared_data(name);
  if (!bytes) GTEST_SKIP() << "shared/data/" << name << " is not there";
  const Read table = read(*bytes, with_key({"Entity", "Year"}), "hdi.csv.gz");
  EXPECT_EQ(table.all.values.cols, 1);
  EXPECT_GT(table.all.values.rows, 1000);
  for (const double value : table.all.values.storage) EXPECT_TRUE(value > 0 && value < 1) << value;
}

TEST(CsvNumbers, ReadsTheWholeLake) {
  const auto index = shared_data("owid_lake/index.tsv");
  if (!index) GTEST_SKIP() << "shared/data/owid_lake is not there";
  const TemporaryFile index_file("index.tsv", *index);
  const auto index_reader = open_csv(index_file.path(), with_columns({"rows", "value_columns"}));
  const AllRows expected = read_all(*index_reader);
  ReadOptions options = with_key({"Entity", "Year"});
  options.missing = MissingCells::kZero;
  std::size_t at = index->find('\n') + 1;
  int complete = 0;
  for (Index i = 0; i < expected.values.rows; ++i) {
    const std::string name = index->substr(at, index->find('\t', at) - at);
    at = index->find('\n', at) + 1;
    const auto bytes = shared_data("owid_lake/" + name);
    ASSERT_TRUE(bytes) << name;
    try {
      const Read table = read(*bytes, options, name);
      EXPECT_EQ(table.all.values.rows, static_cast<Index>(expected.values(i, 0))) << name;
      const Index left_out = static_cast<Index>(expected.values(i, 1)) - table.all.values.cols;
      EXPECT_LE(left_out, static_cast<Index>(table.notes.size())) << name;
      complete += left_out == 0 ? 1 : 0;
    } catch (const Error& error) {
      const std::string what = error.what();  // one table has two columns of one name
      EXPECT_TRUE(what.find("expected numeric columns") != what.npos ||
                  what.find("both named") != what.npos)
          << what;
    }
  }
  EXPECT_GT(complete, 130);
}

}  // namespace
}  // namespace prodigest::io
