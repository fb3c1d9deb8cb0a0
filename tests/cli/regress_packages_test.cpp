// prodigest regress on the tables of Debian packages, the fit on all rows being the referee.

#include <algorithm>
#include <cmath>
#include <sstream>

#include "cli/run_prodigest.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

const std::string kSizes = packages("sizes.csv.gz"), kDepends = packages("depends.csv.gz");

class PackageRegress : public Command {
 protected:
  void sketch(const std::string& table, const std::string& output, const std::string& method,
              const Words& more) const {
    Words words = {"sketch", table, "--key", "package", "-o", output, "--method", method, "-q"};
    words.insert(words.end(), more.begin(), more.end());
    run_well(words);
  }
  Json fit(Words words) const {
    words.insert(words.begin(), "regress");
    words.insert(words.end(), {"--json", "-q"});
    return run_well(words).json();
  }
};

TEST_F(PackageRegress, InstalledSizeFromDownloadSizeIsNearTheFitOfAllRows) {
  const Words download = {"--columns", "download_kb"}, installed = {"--columns", "installed_kb"};
  sketch(kSizes, "x.pdg", "priority:size=50000,mixture=0.5", download);
  const Json all = fit({"x.pdg", kSizes, "--columns", "installed_kb", "--ridge", "0"});
  EXPECT_EQ(all.at("matched_rows"), 36785);
  const double slope = all.at("coefficients")[0].at("value");
  EXPECT_EQ(all.at("coefficients")[0].at("name"), "download_kb");
  EXPECT_GT(all.at("r_squared"), 0.5);
  for (const char* const seed : {"1", "2", "3"}) {
    sketch(kSizes, "a.pdg", "priority:size=4000,mixture=0.5",
           {"--columns", "download_kb", "--seed", seed});
    sketch(kSizes, "b.pdg", "priority:size=4000,mixture=0.5",
           {"--columns", "installed_kb", "--seed", seed});
    const Json sampled = fit({"a.pdg", "b.pdg", "--ridge", "0"});
    const Json& c = sampled.at("coefficients")[0];
    const double error = c.at("standard_error");
    EXPECT_LT(std::abs(c.at("value").get<double>() - slope), 4 * error) << seed;
    EXPECT_LT(error, 0.3 * slope) << seed;
    EXPECT_NEAR(sampled.at("join_rows").get<double>(), 36785, 0.2 * 36785) << seed;
    EXPECT_LT(sampled.at("r_squared_interval")[0], all.at("r_squared")) << seed;
  }
}

TEST_F(PackageRegress, ManyColumnsAreShownByTheirStrengthAsManyAsAsked) {
  sketch(kDepends, "d.pdg", "priority:size=4000", {"--words", "depends", "--vocabulary", "64"});
  const Words words = {"regress", "d.pdg", kSizes, "--target", "installed_kb", "-q"};
  const Json json = fit({"d.pdg", kSizes, "--target", "installed_kb"});
  EXPECT_EQ(json.at("coefficients").size(), 64u);
  EXPECT_EQ(json.at("coefficients")[0].at("name"), "libc6") << "in the order of the columns";

  Words few = words;
  few.insert(few.end(), {"--top", "3"});
  const std::string text = run_well(few).out;
  EXPECT_NE(text.find("the 3 of 64 columns with the largest"), std::string::npos) << text;
  std::vector<std::pair<double, std::string>> strength;
  for (const Json& c : json.at("coefficients"))
    strength.emplace_back(
        std::abs(c.at("value").get<double>()) / c.at("standard_error").get<double>(), c.at("name"));
  std::ranges::sort(strength, std::greater<>());
  std::size_t at = 0;
  for (int i = 0; i < 3; ++i) {
    const std::size_t next = text.find("\n  " + strength[i].second + " ");
    ASSERT_NE(next, std::string::npos) << strength[i].second << " in " << text;
    EXPECT_GT(next, at) << text;
    at = next;
  }
  EXPECT_EQ(text.find("\n  " + strength[3].second + " "), std::string::npos) << text;
  EXPECT_NE(run_well(words).out.find("the 20 of 64 columns"), std::string::npos);
  Words every = words;
  every.insert(every.end(), {"--top", "64"});
  const std::string whole = run_well(every).out;
  EXPECT_EQ(whole.find("largest"), std::string::npos) << whole;
  EXPECT_LT(whole.find("\n  libc6 "), whole.find("\n  " + strength[0].second + " ")) << whole;
}

TEST_F(PackageRegress, LinearSketchesWithPresenceFitAConstant) {
  const std::string method = "countsketch:size=2000";
  sketch(kSizes, "a.pdg", method, {"--columns", "download_kb", "--presence"});
  sketch(kSizes, "b.pdg", method, {"--columns", "installed_kb"});
  const Json json = fit({"a.pdg", "b.pdg", "--ridge", "0"});
  ASSERT_EQ(json.at("coefficients").size(), 1u);
  EXPECT_TRUE(json.at("intercept").at("value").is_number());
  sketch(kSizes, "x.pdg", "priority:size=50000,mixture=0.5", {"--columns", "download_kb"});
  const double slope = fit({"x.pdg", kSizes, "--columns", "installed_kb", "--ridge", "0"})
                           .at("coefficients")[0]
                           .at("value");
  const Json& c = json.at("coefficients")[0];
  EXPECT_LT(std::abs(c.at("value").get<double>() - slope),
            5 * c.at("standard_error").get<double>());
}

TEST_F(PackageRegress, ThreadsChangeNothing) {
  sketch(kDepends, "d.pdg", "priority:size=2000", {"--words", "depends", "--vocabulary", "64"});
  sketch(kSizes, "s.pdg", "priority:size=2000", {});
  const Words words = {"regress",      "d.pdg",  "s.pdg", "--target",
                       "installed_kb", "--json", "-q",    "--threads"};
  const auto with = [&](const char* threads) {
    Words all = words;
    all.push_back(threads);
    return run_well(all).out;
  };
  EXPECT_EQ(with("1"), with("7"));
}

}  // namespace
}  // namespace prodigest::cli
