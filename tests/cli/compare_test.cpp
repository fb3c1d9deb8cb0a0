// The referee: which digest suits two matrices, measured and from statistics alone.

#include <cmath>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"

namespace prodigest::cli {
namespace {

using Compare = Command;
using Json = nlohmann::json;

std::vector<std::string> packages_with(std::vector<std::string> more) {
  std::vector<std::string> words = {"compare",
                                    packages("sizes.csv.gz"),
                                    packages("depends.csv.gz"),
                                    "--key",
                                    "package",
                                    "--b-words",
                                    "depends"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(Compare, MeasuresEveryMethodAtEverySizeAndRecommends) {
  const Json found =
      run_well(packages_with({"--sizes", "60kB,20%", "--seeds", "3", "--json"})).json();
  EXPECT_EQ(found.at("command"), "compare");
  EXPECT_EQ(found.at("seeds"), 3);
  EXPECT_EQ(found.at("statistics").at("common_rows"), 25921);
  ASSERT_EQ(found.at("budgets").size(), 2);
  EXPECT_EQ(found.at("budgets")[0].at("budget"), "60kB");
  EXPECT_NEAR(found.at("budgets")[1].at("bytes").get<double>(),
              0.2 * found.at("statistics").at("exact_bytes").get<double>(), 1);
  for (const Json& budget : found.at("budgets")) {
    EXPECT_EQ(budget.at("recommended"), "priority:weight=norm");
    EXPECT_NE(budget.at("reason").get<std::string>().find("Rows of B are sparse"),
              std::string::npos);
    EXPECT_EQ(budget.at("measured").size(), 6);  // rows have names: no srht
    for (const Json& m : budget.at("measured")) {
      EXPECT_LE(m.at("bytes"), budget.at("bytes")) << m;
      EXPECT_GT(m.at("error").at("rms"), 0) << m;
      EXPECT_LE(m.at("bound_held"), 3) << m;
    }
  }
}

TEST_F(Compare, PrintsATableWithTheVerdictAndTheReason) {
  const std::string text = run_well(packages_with({"--sizes", "5%", "--quick"})).out;
  for (const char* const part :
       {"25,921 rows of A and B share a key", "over 3 seeds; the answer 0 errs by 1.11 %",
        "\n5%: ", "error (rms)", "  priority ", "  priority:weight=uniform ", "  countsketch ",
        "recommended", "is expected to err by"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
  EXPECT_EQ(text.find("threshold"), std::string::npos) << text;
}

TEST_F(Compare, AutoMeasuresNothing) {
  const Json found =
      run_well(packages_with({"--sizes", "5%,1000", "--method", "auto", "--json"})).json();
  EXPECT_FALSE(found.contains("seeds"));
  for (const Json& budget : found.at("budgets")) {
    EXPECT_FALSE(budget.contains("measured"));
    EXPECT_EQ(budget.at("recommended"), "priority:weight=norm");
  }
  EXPECT_EQ(found.at("budgets")[1].at("spec"), "priority:size=1000,seed=0,weight=norm");
  const std::string text = run_well(packages_with({"--method", "auto", "--sizes", "5%"})).out;
  EXPECT_NE(text.find("  use priority:weight=norm, size "), std::string::npos) << text;
}

TEST_F(Compare, AutoFromTwoSamplesSaysThatItIsAnEstimate) {
  run_well({"sketch", packages("sizes.csv.gz"), "--key", "package", "-k", "4000", "-o", "s.pdg"});
  run_well({"sketch", packages("depends.csv.gz"), "--key", "package", "--words", "depends", "-k",
            "4000", "-o", "d.pdg"});
  const Json found =
      run_well({"compare", "s.pdg", "d.pdg", "--method", "auto", "--sizes", "60kB", "--json"})
          .json();
  EXPECT_GT(found.at("statistics").at("estimated_from_rows"), 100);
  EXPECT_NE(
      found.at("budgets")[0].at("reason").get<std::string>().find("This is an estimate from the"),
      std::string::npos);
  EXPECT_TRUE(found.at("budgets")[0].at("recommended").get<std::string>().starts_with("priority"));
}

TEST_F(Compare, LinearSketchesCannotTell) {
  write("a.csv", table(0, 50));
  run_well({"sketch", "a.csv", "--key", "id", "-m", "countsketch:size=20", "-o", "l.pdg"});
  run_well({"sketch", "a.csv", "--key", "id", "-k", "20", "-o", "p.pdg"});
  expect_refusal(3, {"compare", "l.pdg", "p.pdg", "--method", "auto"},
                 {"l.pdg", "expected a sample, got a linear sketch", "holds no rows"});
  expect_refusal(2, {"compare", "p.pdg", "p.pdg"},
                 {"nothing can be measured on them", "--method auto"});
  expect_refusal(2, {"compare", "p.pdg", "a.csv"}, {"two matrices or two digests"});
}

TEST_F(Compare, EachSideMayBeReadInAWayOfItsOwn) {
  write("a.csv", "id,x,y\n1,1,2\n2,3,4\n3,5,6\n4,7,8\n");
  write("b.csv", "name,u\n1,1\n2,2\n4,3\n9,4\n");
  const Json found =
      run_well({"compare", "a.csv", "b.csv", "--a-key", "id", "--a-columns", "x", "--b-key", "name",
                "--sizes", "3", "--methods",
                "priority,priority:weight=norm,mixture=0.5,osnap:nonzeros=2", "--json"})
          .json();
  EXPECT_EQ(found.at("statistics").at("a").at("cols"), 1);
  EXPECT_EQ(found.at("statistics").at("common_rows"), 3);
  std::vector<std::string> names;
  for (const Json& m : found.at("budgets")[0].at("measured")) names.push_back(m.at("method"));
  EXPECT_EQ(names, (std::vector<std::string>{"priority", "priority:weight=norm,mixture=0.5",
                                             "osnap:nonzeros=2"}));
}

TEST_F(Compare, NumberedRowsMayBeShiftedAndHaveAHadamardTransform) {
  write("a.csv", "x\n1\n2\n3\n4\n");
  const Json found =
      run_well({"compare", "a.csv", "a.csv", "--b-first-row", "2", "--sizes", "3", "--json"})
          .json();
  EXPECT_EQ(found.at("statistics").at("common_rows"), 2);
  EXPECT_EQ(found.at("budgets")[0].at("measured").back().at("method"), "srht");
}

TEST_F(Compare, WritesOnePageThatNeedsNothingElse) {
  write("<a>.csv", table(0, 400));
  const Json found = run_well({"compare", "<a>.csv", "<a>.csv", "--key", "id", "--sizes", "5%,20%",
                               "--seeds", "2", "--json", "--html", "report.html"})
                         .json();
  EXPECT_EQ(found.at("html"), "report.html");
  const std::string page = read("report.html");
  EXPECT_LT(page.size(), 1000000);
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>")) << page.substr(0, 100);
  for (const char* const part :
       {"<svg", "guarantee √(2/(k−1))", "the answer 0", "<table>", "class=\"recommended\"",
        "&lt;a&gt;.csv", "prefers-color-scheme:dark", "</html>\n"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  for (const char* const part : {"<script", "src=", "href=", "<a>", "nan", "inf %"})
    EXPECT_EQ(page.find(part), std::string::npos) << part;
  const auto begin = page.find("<pre id=\"data\">") + 15;
  const Json inside = Json::parse(page.substr(begin, page.find("</pre>", begin) - begin));
  EXPECT_EQ(inside.at("budgets"), found.at("budgets"));
}

TEST_F(Compare, WithoutACommonKeyMakesAStatement) {
  write("a.csv", "id,x\n1,1\n2,2\n3,1\n4,2\n");
  write("b.csv", "id,y\n5,1\n6,2\n7,1\n8,2\n");
  const std::string text =
      run_well({"compare", "a.csv", "b.csv", "--key", "id", "--sizes", "90%"}).out;
  EXPECT_NE(text.find("No key is in both matrices: the product is zero"), std::string::npos)
      << text;
}

TEST_F(Compare, ABudgetTooSmallForAnythingMakesAStatement) {
  write("a.csv", table(0, 50));
  const std::string text =
      run_well({"compare", "a.csv", "a.csv", "--key", "id", "--sizes", "200B"}).out;
  EXPECT_NE(text.find("does not fit"), std::string::npos) << text;
  EXPECT_NE(text.find("No method fits 200 bytes: the smallest digests take"), std::string::npos)
      << text;
}

TEST_F(Compare, RefusesWhatItCannotDo) {
  write("a.csv", table(0, 50));
  const auto with = [](std::vector<std::string> more) {
    std::vector<std::string> words = {"compare", "a.csv", "a.csv", "--key", "id"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  expect_refusal(2, with({"--sizes", "0"}), {"expected a number of rows", "\"0\""});
  expect_refusal(2, with({"--sizes", "5%,many"}), {"\"many\""});
  expect_refusal(2, with({"--methods", "prioriti"}), {"priority"});
  expect_refusal(2, with({"--methods", "priority:size=5"}), {"leave size= out"});
  expect_refusal(2, with({"--method", "priority"}), {"--method", "auto"});
  expect_refusal(2, with({"--seeds", "0"}), {"--seeds"});
  expect_refusal(2, with({"--method", "auto", "--html", "x.html"}), {"--html"});
  expect_refusal(2, with({"--html", "a.csv"}), {"would replace the matrix"});
  expect_refusal(2, with({"--word", "y"}), {"--word"});
}

}  // namespace
}  // namespace prodigest::cli
