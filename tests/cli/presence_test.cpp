// --presence: a column of ones in front, so that products over a join hold counts and sums.

#include <numeric>

#include "cli/run_prodigest.hpp"
#include "prodigest/io/npy.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

// Keys 3, 4 and 5 are in both.
class Presence : public Command {
 protected:
  Presence() {
    write("a.csv", "id,p,q\n1,1,2\n2,-3,4\n3,5,6\n4,0.5,-1\n5,2,0\n");
    write("b.csv", "id,u\n7,9\n5,1\n6,8\n3,2\n4,4\n");
  }
  void sketch(const std::string& input, const std::string& output, const Words& more) const {
    Words words = {"sketch", input, "-o", output, "--presence"};
    words.insert(words.end(), more.begin(), more.end());
    run_well(words);
  }
  // [1,A]'[1,B]: rows of the join, sums of B; sums of A, products.
  static inline const std::vector<double> kProduct = {3, 7, 7.5, 14, 5, 8};
};

TEST_F(Presence, GivesTheRowsOfTheJoinAndTheSumsOverIt) {
  for (const std::string name : {"a", "b"}) sketch(name + ".csv", name + ".pdg", {"--key", "id"});
  const std::string text = run_well({"product", "a.pdg", "b.pdg", "-o", "W.npy"}).out;
  EXPECT_EQ(npy("W.npy").storage, kProduct);
  EXPECT_NE(text.find("present x present"), std::string::npos) << text;
  const Json info = run_well({"info", "a.pdg", "--json"}).json();
  EXPECT_EQ(info.at("columns"), (Json{"present", "p", "q"}));
  EXPECT_EQ(info.at("presence"), true);
  EXPECT_EQ(info.at("nonzero_rows"), 5);
}

TEST_F(Presence, IsForEitherSideAndForAMatrixAtHand) {
  sketch("a.csv", "a.pdg", {"--key", "id"});
  run_well({"product", "a.pdg", "b.csv", "--presence", "-o", "W.npy"});
  EXPECT_EQ(npy("W.npy").storage, kProduct);
  run_well({"product", "a.pdg", "b.csv", "-o", "W.npy"});
  EXPECT_EQ(npy("W.npy").storage, (std::vector<double>{7, 14, 8}));
}

TEST_F(Presence, IsAddedAgainForTheExactProductAndOnlyWhereItWas) {
  sketch("a.csv", "a.pdg", {"--key", "id", "--columns", "q,p"});
  run_well({"sketch", "b.csv", "--key", "id", "-o", "b.pdg"});
  for (const Words& sides : {Words{"a.pdg", "b.pdg"}, Words{"a.pdg", "b.csv"}}) {
    const Json json =
        run_well({"product", sides[0], sides[1], "--json", "--exact", "a.csv", "b.csv"}).json();
    EXPECT_EQ(json.at("shape"), (Json{3, 1}));
    EXPECT_EQ(json.at("frobenius_error").at("actual"), 0);
  }
}

TEST_F(Presence, OfMatricesWithoutNamesNumbersTheirColumns) {
  Matrix<double> a(6, 3);
  std::iota(a.storage.begin(), a.storage.end(), 1.0);
  io::save_npy(path("a.npy"), a.view());
  write("a.mtx", "%%MatrixMarket matrix coordinate real general\n6 2 2\n1 2 4\n3 1 5\n");
  for (const std::string name : {"a.npy", "a.mtx"}) {
    sketch(name, "x.pdg", {});
    EXPECT_EQ(digest("x.pdg").schema().columns[1], "0") << name;
    const Json json =
        run_well({"product", "x.pdg", "x.pdg", "-o", "W.npy", "--json", "--exact", name, name})
            .json();
    EXPECT_EQ(npy("W.npy")(0, 0), 6) << name;
    EXPECT_EQ(json.at("frobenius_error").at("actual"), 0) << name;
  }
  sketch("a.npy", "x.pdg", {"--columns", "2,0"});
  EXPECT_EQ(digest("x.pdg").schema().columns, (Words{"present", "2", "0"}));
  EXPECT_EQ(run_well({"product", "x.pdg", "x.pdg", "--json", "--exact", "a.npy", "a.npy"})
                .json()
                .at("frobenius_error")
                .at("actual"),
            0);
}

TEST_F(Presence, CountsWordsAndLinearSketchesHaveItToo) {
  write("w.csv", "id,tags\n1,red\n3,red green\n9,\n");
  sketch("w.csv", "w.pdg", {"--key", "id", "--words", "tags"});
  sketch("a.csv", "a.pdg", {"--key", "id"});
  const Json json =
      run_well({"product", "a.pdg", "w.pdg", "-o", "W.npy", "--json", "--exact", "a.csv", "w.csv"})
          .json();
  EXPECT_EQ(json.at("frobenius_error").at("actual"), 0);
  EXPECT_EQ(npy("W.npy").storage, (std::vector<double>{2, 2, 1, 6, 6, 5, 8, 8, 6}));

  sketch("a.csv", "l.pdg", {"--key", "id", "-m", "countsketch:size=512"});
  run_well({"product", "l.pdg", "b.csv", "--presence", "-o", "W.npy"});
  EXPECT_EQ(npy("W.npy").storage, kProduct) << "no two of seven keys share one of 512 sums";
}

TEST_F(Presence, IsRefusedWhereAColumnHasItsNameAndInMergesWithoutIt) {
  write("own.csv", "id,present,x\n1,1,2\n");
  expect_refusal(2, {"sketch", "own.csv", "--key", "id", "--presence", "-o", "x.pdg"},
                 {"own.csv", "\"present\"", "--presence"});
  write("c.csv", "id,p,q\n8,1,2\n");
  sketch("c.csv", "c.pdg", {"--key", "id"});
  run_well({"sketch", "a.csv", "--key", "id", "-o", "a.pdg"});
  expect_refusal(4, {"merge", "a.pdg", "c.pdg", "-o", "x.pdg"}, {"column"});
  // A column that only looks like it is not the same column.
  run_well({"sketch", "own.csv", "--key", "id", "-o", "own.pdg"});
  write("d.csv", "id,x\n2,2\n");
  sketch("d.csv", "d.pdg", {"--key", "id"});
  expect_refusal(4, {"merge", "own.pdg", "d.pdg", "-o", "x.pdg"}, {"added", "with or without that column"});
  // Its own column is read again as what it is.
  EXPECT_EQ(run_well({"product", "own.pdg", "own.pdg", "--json", "--exact", "own.csv", "own.csv"})
                .json()
                .at("frobenius_error")
                .at("actual"),
            0);
}

}  // namespace
}  // namespace prodigest::cli
