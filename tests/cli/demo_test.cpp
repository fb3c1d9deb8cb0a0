// prodigest demo: what it says is what the other commands say.

#include <gtest/gtest.h>

#include <cmath>

#include "cli/run_prodigest.hpp"

namespace prodigest::cli {
namespace {

using Demo = Command;
using nlohmann::json;

json last(const json& points) { return points.back(); }

TEST_F(Demo, GivesTheFiguresThatSketchAndProductGive) {
  const json demo = run_well({"demo", "--size", "500", "--seed", "3", "--json", "-o", "d"}).json();
  for (const std::string method :
       {"priority:size=500", "priority:size=500,weight=uniform,totals=norm"}) {
    const json& side = demo[method == "priority:size=500" ? "weighted" : "uniform"];
    const auto sketch = [&](std::vector<std::string> words) {
      words.insert(words.end(), {"--key", "package", "-m", method, "--seed", "3", "--json"});
      return run_well(words).json()["bytes"].get<std::uint64_t>();
    };
    const auto bytes =
        sketch({"sketch", packages("sizes.csv.gz"), "-o", "a.pdg"}) +
        sketch({"sketch", packages("depends.csv.gz"), "--words", "depends", "-o", "b.pdg"});
    const json product = run_well({"product", "a.pdg", "b.pdg", "--json", "--exact",
                                   packages("sizes.csv.gz"), packages("depends.csv.gz")})
                             .json();
    EXPECT_EQ(side["bytes"], bytes);
    EXPECT_EQ(side["matched_rows"], product["matched_rows"]);
    EXPECT_EQ(side["frobenius_error"], product["frobenius_error"]);
    if (method == "priority:size=500") {
      EXPECT_EQ(read("d/sizes.pdg"), read("a.pdg"));
      EXPECT_EQ(read("d/depends.pdg"), read("b.pdg"));
    }
  }
  EXPECT_EQ(demo["largest"].size(), 5u);
}

TEST_F(Demo, ErrorsFallAsDigestsGrowAndKeepToTheGuarantee) {
  const json demo = run_well({"demo", "--json", "-o", "d"}).json();
  for (const char* product : {"tables", "columns"})
    for (const char* sample : {"weighted", "uniform"}) {
      const json& points = demo[product][sample];
      EXPECT_GT(points[0]["median"], last(points)["median"]) << product << " " << sample;
      EXPECT_LT(points[0]["bytes"], last(points)["bytes"]) << product << " " << sample;
      for (const json& point : points) {
        EXPECT_LE(point["low"], point["median"]);
        EXPECT_LE(point["median"], point["high"]);
        if (sample == std::string("weighted")) {
          EXPECT_LT(point["median"].get<double>(),
                    std::sqrt(2 / (point["size"].get<double>() - 1)));
        }
      }
    }
  EXPECT_LT(last(demo["columns"]["weighted"])["median"].get<double>() * 1000,
            last(demo["columns"]["uniform"])["median"].get<double>());
}

TEST_F(Demo, LeavesDigestsAndPicturesInItsFolderAndNothingElse) {
  const std::string text = run_well({"demo", "-o", "x y"}).out;
  EXPECT_EQ(files(), std::vector<std::string>{"x y"});
  for (const char* name : {"x y/error-against-bytes.svg", "x y/error-where-heavy-rows-meet.svg"}) {
    EXPECT_NE(text.find(name), std::string::npos);
    EXPECT_EQ(read(name).substr(0, 5), "<svg ");
  }
  EXPECT_NE(text.find("-o 'x y/sizes.pdg'\nx y/sizes.pdg: 1,000 of "), std::string::npos)
      << "a command stands before what it prints";
}

TEST_F(Demo, SaysWhatCannotBeDone) {
  expect_refusal(2, {"demo", "--size", "1"}, {"size must be at least 2"});
  expect_refusal(5, {"demo", "--data", "nowhere"}, {"nowhere/sizes.csv.gz is not there", "--data"});
  write("taken", "");
  expect_refusal(5, {"demo", "-o", "taken/d"}, {"taken/d: cannot be made", "--output"});
  std::filesystem::create_directory(path("bad"));
  for (const char* table : {"bad/sizes.csv.gz", "bad/depends.csv.gz"})
    write_gzipped(table, "package,depends\na\n");
  const Outcome outcome = run({"demo", "--data", "bad"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_NE(outcome.err.find("prodigest: bad/sizes.csv.gz: line 2"), std::string::npos)
      << "what the process says that fails";
  EXPECT_NE(outcome.err.find("prodigest-demo/sizes.pdg` failed with exit code "), std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace prodigest::cli
