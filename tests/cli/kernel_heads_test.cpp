// Kernel matrices of the heads of a model from the command line.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/kernel_arrays.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using io::FloatArray;
using KernelHeads = KernelCommand;

TEST_F(KernelHeads, AttentionIsThatOfAttend) {
  made("q.npy", {2, 3, 50, 8}, 1);
  made("k.npy", {2, 3, 70, 8}, 2);
  made("v.npy", {2, 3, 70, 5}, 3);
  const Json result = run_well({"kernel", "attention", "--q", "q.npy", "--k", "k.npy", "--v",
                                "v.npy", "-o", "o.npy", "--json"})
                          .json();
  EXPECT_EQ(result.at("heads").size(), 6u);
  EXPECT_EQ(result.at("heads")[0].at("exact"), true);
  const FloatArray found = io::load_npy_floats(path("o.npy"));
  EXPECT_EQ(found.shape, (std::vector<Index>{2, 3, 50, 5}));
  run_well({"attend", "--q", "q.npy", "--k", "k.npy", "--v", "v.npy", "--method", "softmax", "-o",
            "e.npy"});
  const FloatArray expected = io::load_npy_floats(path("e.npy"));
  for (std::size_t i = 0; i < found.values.size(); ++i)
    EXPECT_NEAR(found.values[i], expected.values[i], 1e-4);
}

TEST_F(KernelHeads, AttentionTooSharpForFloatsIsExitCode3AndNamesTheRemedy) {
  for (const std::string name : {"q.npy", "k.npy", "v.npy"}) made(name, {50, 8}, 1, 50);
  made("k.npy", {50, 8}, 2, 50);
  expect_refusal(
      3, {"kernel", "attention", "--q", "q.npy", "--k", "k.npy", "--v", "v.npy", "-o", "o.npy"},
      {"row sums of the Gaussian kernel", "take exact softmax attention"});
}

TEST_F(KernelHeads, DiagnoseTellsOfOneMatrixInWords) {
  made("k.npy", {100, 3}, 1);
  const Outcome outcome = run_well({"kernel", "diagnose", "--keys", "k.npy", "--bandwidth", "0.1"});
  EXPECT_NE(outcome.out.find("tail / head of n, largest of prefixes"), std::string::npos);
  EXPECT_NE(outcome.out.find("the assumption holds: c = "), std::string::npos) << outcome.out;
}

TEST_F(KernelHeads, DiagnoseOfManyHeadsMakesTablesAndAPicture) {
  made("k.npy", {2, 3, 80, 4}, 1);
  made("q.npy", {2, 3, 80, 4}, 2);
  const Words arguments = {"kernel", "diagnose", "--attention", "--queries", "q.npy",
                           "--keys", "k.npy",    "-o",          "h.csv",     "--prefixes",
                           "p.csv",  "--svg",    "h.svg",       "--step",    "30"};
  Words with_json = arguments;
  with_json.push_back("--json");
  const Json result = run_well(with_json).json();
  EXPECT_EQ(result.at("layers"), 2);
  EXPECT_EQ(result.at("heads"), 3);
  ASSERT_EQ(result.at("matrices").size(), 6u);
  EXPECT_EQ(result.at("matrices")[4].at("layer"), 2);
  EXPECT_EQ(result.at("matrices")[4].at("head"), 2);
  EXPECT_EQ(result.at("matrices")[4].at("points"), 80);
  const std::string heads = read("h.csv"), prefixes = read("p.csv"), picture = read("h.svg");
  EXPECT_TRUE(heads.starts_with("layer,head,tail_over_head,normalized_tail_over_head,"));
  EXPECT_EQ(std::ranges::count(heads, '\n'), 7);
  const double ratio = result.at("matrices")[4].at("tail_over_head");
  EXPECT_NE(heads.find(fmt::format("\n2,2,{},", ratio)), std::string::npos) << heads;
  EXPECT_EQ(std::ranges::count(prefixes, '\n'), 1 + 6 * 2);  // 50 and 80
  EXPECT_NE(prefixes.find("\n1,3,50,"), std::string::npos) << prefixes;
  EXPECT_TRUE(picture.starts_with("<svg "));
  EXPECT_NE(picture.find(fmt::format(">{:.3g}<", ratio)), std::string::npos);
  const Outcome text = run_well(arguments);
  EXPECT_NE(text.out.find("layer  head 1  head 2  head 3\n"), std::string::npos) << text.out;

  // The second head of the second layer alone is the same.
  const auto alone = [&](const std::string& name) {
    const FloatArray all = io::load_npy_floats(path(name));
    const auto begin = all.values.begin() + 4 * 80 * 4;
    io::save_npy(path("one_" + name), FloatArray{{1, 80, 4}, {begin, begin + 80 * 4}});
  };
  alone("k.npy");
  alone("q.npy");
  const Json one = run_well({"kernel", "diagnose", "--attention", "--queries", "one_q.npy",
                             "--keys", "one_k.npy", "--step", "30", "--json"})
                       .json();
  EXPECT_EQ(one.at("matrices")[0].at("tail_over_head"), ratio);
}

TEST_F(KernelHeads, DiagnoseRefusesWhatDoesNotGoTogether) {
  made("k.npy", {2, 80, 4}, 1);
  made("q.npy", {3, 80, 4}, 2);
  made("five.npy", {1, 1, 1, 8, 4}, 2);
  made("none.npy", {0, 8, 4}, 2);
  const auto refused = [&](const Words& more, const Words& parts) {
    Words all = {"kernel", "diagnose", "--keys"};
    all.insert(all.end(), more.begin(), more.end());
    expect_refusal(2, all, parts);
  };
  refused({"k.npy"}, {"kernel diagnose: --bandwidth is required (or --attention)"});
  refused({"k.npy", "--bandwidth", "0"}, {"--bandwidth is required"});
  refused({"k.npy", "--bandwidth", "-1"}, {"bandwidth must be positive and finite, got -1"});
  refused({"k.npy", "--attention"}, {"--attention needs --queries and --keys"});
  refused({"k.npy", "--attention", "--queries", "k.npy", "--bandwidth", "1"},
          {"leave --bandwidth out"});
  refused({"k.npy", "--bandwidth", "1", "--scale", "1"}, {"--scale is of --attention"});
  refused({"k.npy", "--attention", "--queries", "q.npy"},
          {"q.npy: layers and heads must be as in k.npy, 1 x 2, got 1 x 3"});
  refused({"five.npy", "--bandwidth", "1"},
          {"five.npy: expected an array of N x D, heads x N x D"});
  refused({"none.npy", "--bandwidth", "1"}, {"none.npy: there are no heads"});
  refused({"k.npy", "--bandwidth", "1", "-o", "k.npy"}, {"would replace the points"});
}

}  // namespace
}  // namespace prodigest::cli
