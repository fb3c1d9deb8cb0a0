// How tables become matrices: keys, missing cells, words.

#include <algorithm>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"
#include "prodigest/core/key.hpp"

namespace prodigest::cli {
namespace {

class Tables : public Command {
 protected:
  // The product of two tables by these reading options, all rows kept.
  Matrix<double> product(const std::vector<std::string>& reading) const {
    for (const std::string name : {"a", "b"}) {
      std::vector<std::string> words = {"sketch", name + ".csv", "-o", name + ".pdg"};
      words.insert(words.end(), reading.begin(), reading.end());
      run_well(words);
    }
    run_well({"product", "a.pdg", "b.pdg", "-o", "W.npy"});
    return npy("W.npy");
  }
};

TEST_F(Tables, KeyTakesOneWordSoThatTheMatrixMayFollow) {
  write("a.csv", table(0, 10));
  run_well({"sketch", "--key", "id", "--columns", "y", "a.csv", "-o", "a.pdg"});
  run_well({"sketch", "a.csv", "--key=id", "--columns=y", "-o", "b.pdg"});
  EXPECT_EQ(read("a.pdg"), read("b.pdg"));
  EXPECT_EQ(digest("a.pdg").schema().columns, std::vector<std::string>{"y"});
}

TEST_F(Tables, ACompositeKeyMeetsOnlyWhereAllItsColumnsDo) {
  write("a.csv", "store,day,x\n1,mon,1\n1,tue,2\n2,mon,4\n");
  write("b.csv", "store,day,y\n1,tue,100\n2,mon,1000\n2,tue,5\n");
  EXPECT_EQ(product({"--key", "store,day"}).storage, std::vector<double>{4200});
  EXPECT_EQ(product({"--key", "store", "--key", "day"}).storage, std::vector<double>{4200});
}

TEST_F(Tables, LeadingZerosOfAKeyAreKeptAndAsTextItsNumbersAreTextToo) {
  write("a.csv", "id,x\n007,1\n8,2\n");
  write("b.csv", "id,y\n7,100\n8,1000\n");
  EXPECT_EQ(product({"--key", "id"}).storage, std::vector<double>{2000});
  EXPECT_EQ(product({"--key", "id", "--key-as", "text"}).storage, std::vector<double>{2000});
  run_well({"sketch", "a.csv", "--key", "id", "-o", "a.pdg"});
  const auto ids = digest("a.pdg");
  EXPECT_TRUE(std::ranges::count(ids.row_ids(), RowId{8}));
  EXPECT_TRUE(std::ranges::count(ids.row_ids(), row_id_of_text("007")));
  run_well({"sketch", "a.csv", "--key", "id", "--key-as", "text", "-o", "a.pdg"});
  const auto texts = digest("a.pdg");
  EXPECT_TRUE(std::ranges::count(texts.row_ids(), row_id_of_text("8")));
}

TEST_F(Tables, TheOtherSideOfAProductIsReadWithTheKeyOfTheDigest) {
  write("a.csv", "id,x\n007,1\n8,2\n");
  run_well({"sketch", "a.csv", "--key", "id", "--key-as", "text", "-o", "a.pdg"});
  run_well({"product", "a.pdg", "a.csv", "-o", "W.npy"});
  EXPECT_EQ(npy("W.npy").storage, std::vector<double>{5});
  write("b.csv", "name,y\n8,3\n");
  run_well({"product", "a.pdg", "b.csv", "--key", "name", "--key-as", "text", "-o", "W.npy"});
  EXPECT_EQ(npy("W.npy").storage, std::vector<double>{6});
}

TEST_F(Tables, NumberedRowsMeetAKeyColumnThatCountsThem) {
  write("a.csv", "x\n1\n2\n4\n");
  write("b.csv", "row,y\n2,100\n0,1000\n9,5\n");
  run_well({"sketch", "a.csv", "-o", "a.pdg"});
  run_well({"sketch", "b.csv", "--key", "row", "-o", "b.pdg"});
  run_well({"product", "a.pdg", "b.pdg", "-o", "W.npy"});
  EXPECT_EQ(npy("W.npy").storage, std::vector<double>{1400});
}

TEST_F(Tables, AMissingCellIsZeroOrDropsItsRowAsAsked) {
  write("a.csv", "id,x,y\na,1,2\nb,,4\nc,NA,8\nd,16,32\n");
  run_well({"sketch", "a.csv", "--key", "id", "--missing", "zero", "-o", "zero.pdg"});
  run_well({"sketch", "a.csv", "--key", "id", "--missing", "drop", "-o", "drop.pdg"});
  EXPECT_EQ(digest("zero.pdg").rows(), 4);
  EXPECT_EQ(digest("zero.pdg").squared_norm(), 1 + 4 + 16 + 64 + 256 + 1024);
  EXPECT_EQ(digest("drop.pdg").rows(), 2);
  EXPECT_EQ(digest("drop.pdg").squared_norm(), 1 + 4 + 256 + 1024);
}

TEST_F(Tables, WithoutAHeaderColumnsAreNumberedAndCanBeTheKey) {
  write("a.csv", "7,1,2\n8,3,4\n");
  run_well({"sketch", "a.csv", "--no-header", "--key", "0", "-o", "a.pdg"});
  const auto sample = digest("a.pdg");
  EXPECT_EQ(sample.schema().columns, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ((std::vector<RowId>(sample.row_ids().begin(), sample.row_ids().end())),
            (std::vector<RowId>{7, 8}));
}

TEST_F(Tables, AKeyThatRepeatsFarApartIsFoundByUniqueCheck) {
  // The repeated rows weigh next to nothing: no sample of two holds both.
  write("a.csv", "id,x\nsmall,1\nbig,1000\nsmall,1\nlarge,2000\n");
  const std::vector<std::string> words = {"sketch", "a.csv", "--key", "id",
                                          "-k",     "2",     "-o",    "a.pdg"};
  run_well(words);
  std::filesystem::remove(path("a.pdg"));
  std::vector<std::string> checked = words;
  checked.push_back("--unique-check");
  expect_refusal(2, checked, {"--unique-check: row 2", "repeats an earlier key"});
  EXPECT_EQ(files(), std::vector<std::string>{"a.csv"});
  write("a.csv", "id,x\nsmall,1\nbig,1000\nlarge,2000\n");
  run_well(checked);
}

TEST_F(Tables, WordsAreTheMostFrequentOnesAsManyAsAsked) {
  write("a.csv", "id,tags\n1,red green\n2,red blue\n3,red green red\n4,\n");
  run_well({"sketch", "a.csv", "--key", "id", "--words", "tags", "-o", "all.pdg"});
  EXPECT_EQ(digest("all.pdg").schema().columns, (std::vector<std::string>{"red", "green", "blue"}));
  run_well(
      {"sketch", "a.csv", "--key", "id", "--words", "tags", "--vocabulary", "2", "-o", "two.pdg"});
  const auto two = digest("two.pdg");
  EXPECT_EQ(two.schema().columns, (std::vector<std::string>{"red", "green"}));
  EXPECT_EQ(two.schema().words, "tags");
  EXPECT_EQ(two.squared_norm(), 5);  // a word counts once a row
  EXPECT_EQ(two.rows(), 4);
}

TEST_F(Tables, WordsAreThoseOfTheVocabularyFileInItsOrder) {
  write("a.csv", "id,tags\n1,red green\n2,red blue\n");
  write("vocabulary.txt", "blue\nviolet\nred\n");
  run_well({"sketch", "a.csv", "--key", "id", "--words", "tags", "--vocabulary", "vocabulary.txt",
            "-o", "a.pdg"});
  const auto sample = digest("a.pdg");
  EXPECT_EQ(sample.schema().columns, (std::vector<std::string>{"blue", "violet", "red"}));
  EXPECT_EQ(sample.squared_norm(), 3);
}

TEST_F(Tables, TheExactProductReadsWordsOnOneSideAndNumbersOnTheOther) {
  write("a.csv", "id,x\n1,1\n2,2\n");
  write("b.csv", "id,tags\n1,red green\n2,red blue\n");
  run_well({"sketch", "a.csv", "--key", "id", "-o", "a.pdg"});
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{}, {"--vocabulary", "2"}}) {
    std::vector<std::string> words = {"product", "a.pdg", "b.csv", "--words", "tags",
                                      "--exact", "a.csv", "b.csv", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(run_well(words).json().at("frobenius_error").at("actual"), 0);
  }
}

}  // namespace
}  // namespace prodigest::cli
