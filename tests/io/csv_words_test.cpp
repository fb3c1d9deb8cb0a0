// A text column as bags of words.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/csv_reader.hpp"
#include "io/reading.hpp"

namespace prodigest::io {
namespace {

using Rows = std::vector<std::vector<double>>;
using Names = std::vector<std::string>;

ReadOptions words(Index vocabulary_size = 512) {
  ReadOptions options;
  options.words = "text";
  options.vocabulary_size = vocabulary_size;
  return options;
}

struct Read {
  AllRows all;
  Names vocabulary;
};

Read read(const std::string& text, const ReadOptions& options, const std::string& name = "a.csv") {
  const TemporaryFile file(name, text);
  const auto reader = open_csv(file.path(), options);
  return {read_all(*reader), reader->column_names()};
}

const std::string kText =
    "id,text\n"
    "a,red green red\n"
    "b,\"blue, green,\n red\"\n"
    "c,\n"
    "d,  green\tB b \n";

TEST(CsvWords, CountsEachWordOnceARowAndSortsByRowsThenBytes) {
  const Read table = read(kText, words());
  EXPECT_EQ(table.vocabulary, (Names{"green", "red", "B", "b", "blue"}));
  EXPECT_TRUE(table.all.sparse);
  EXPECT_EQ(rows_of(table.all),
            (Rows{{1, 1, 0, 0, 0}, {1, 1, 0, 0, 1}, {0, 0, 0, 0, 0}, {1, 0, 1, 1, 0}}));
  EXPECT_EQ(table.all.row_ids, (std::vector<RowId>{0, 1, 2, 3}));
  EXPECT_FALSE(table.all.has_row_ids);
}

TEST(CsvWords, KeepsTheMostFrequent) {
  const Read table = read(kText, words(3));
  EXPECT_EQ(table.vocabulary, (Names{"green", "red", "B"}));
  EXPECT_EQ(rows_of(table.all), (Rows{{1, 1, 0}, {1, 1, 0}, {0, 0, 0}, {1, 0, 1}}));
}

TEST(CsvWords, KeepsAGivenVocabularyInItsOrder) {
  ReadOptions options = words();
  options.vocabulary = {"red", "absent", "green"};
  const Read table = read(kText, options);
  EXPECT_EQ(table.vocabulary, options.vocabulary);
  EXPECT_EQ(rows_of(table.all), (Rows{{1, 0, 1}, {1, 0, 1}, {0, 0, 0}, {0, 0, 1}}));
}

TEST(CsvWords, NamesRowsByTheirKey) {
  ReadOptions options = words();
  options.key = {"id"};
  const Read table = read(kText, options);
  EXPECT_EQ(table.all.row_ids, (std::vector<RowId>{row_id_of_text("a"), row_id_of_text("b"),
                                                   row_id_of_text("c"), row_id_of_text("d")}));
}

TEST(CsvWords, IsTheSameInBlocksOfAnySizeAndTwice) {
  std::string text = "text\n";
  for (int i = 0; i < 300; ++i) text += fmt::format("w{} w{}\n", i % 7, i % 13);
  const Read whole = read(text, words());
  EXPECT_EQ(whole.all.blocks, 1);
  for (const std::size_t bytes : {0u, 50u, 400u}) {
    ReadOptions options = words();
    options.block_bytes = bytes;
    options.first_row = 3;
    const TemporaryFile file("a.csv", text);
    const auto reader = open_csv(file.path(), options);
    for (int pass = 0; pass < 2; ++pass) {
      const AllRows parts = read_all(*reader);
      EXPECT_EQ(parts.values, whole.all.values);
      EXPECT_GT(parts.blocks, 10);
      EXPECT_EQ(parts.row_ids.front(), 3u);
      EXPECT_EQ(parts.row_ids.back(), 302u);
      reader->rewind();
    }
  }
}

TEST(CsvWords, ReadsAnEmptyTable) {
  const Read table = read("text\n", words());
  EXPECT_EQ(table.all.values.rows, 0);
  EXPECT_EQ(table.all.values.cols, 0);
}

TEST(CsvWords, ReadsAPipeOnlyWithAVocabulary) {
  const PipedInput pipe(kText);
  expect_error(ErrorCode::kInvalidArgument, {"<stdin>", "--vocabulary"},
               [] { open_csv("-", words()); });
  ReadOptions options = words();
  options.vocabulary = {"green"};
  EXPECT_EQ(rows_of(read_all(*open_csv("-", options))), (Rows{{1}, {1}, {0}, {1}}));
}

TEST(CsvWords, RefusesAnUnusableVocabulary) {
  ReadOptions options = words();
  options.vocabulary = {"red", "green", "red"};
  expect_error(ErrorCode::kInvalidArgument, {"a.csv", "vocabulary", "\"red\" is given twice"},
               [&] { read(kText, options); });
  for (const std::string word : {"", "a b", "a,b"}) {
    options.vocabulary = {word};
    expect_error(ErrorCode::kInvalidArgument, {"vocabulary", "without blanks", "\"" + word + "\""},
                 [&] { read(kText, options); });
  }
  expect_error(ErrorCode::kFormat, {"UTF-8", "iconv"}, [] { read("text\nK\xf6ln\n", words()); });
  expect_error(ErrorCode::kInvalidArgument, {"--vocabulary", "got 0"},
               [] { read(kText, words(0)); });
}

TEST(CsvWords, RefusesColumnsAndUnknownColumns) {
  ReadOptions options = words();
  options.columns = {"id"};
  expect_error(ErrorCode::kInvalidArgument, {"read as words", "no use for --columns"},
               [&] { read(kText, options); });
  options = words();
  options.missing = MissingCells::kZero;
  expect_error(ErrorCode::kInvalidArgument, {"no use for --missing"},
               [&] { read(kText, options); });
  options = words();
  options.words = "texts";
  expect_error(ErrorCode::kInvalidArgument, {"no column \"texts\"", "nearest is \"text\""},
               [&] { read(kText, options); });
}

TEST(CsvWords, ReadsMovieReviews) {
  const auto text = shared_data("imdb/imdb10k.tsv.xz");
  if (!text) GTEST_SKIP() << "shared/data/imdb is not there";
  ReadOptions options = words(100);
  options.key = {"id"};
  const Read table = read(*text, options, "imdb.tsv");
  EXPECT_EQ(table.all.values.rows, 10'000);
  EXPECT_EQ(table.vocabulary.size(), 100u);
  EXPECT_EQ(table.vocabulary[0], "the");
  EXPECT_EQ(table.vocabulary[1], "and");
}

}  // namespace
}  // namespace prodigest::io
