// Gaussian kernel matrices from the command line.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "cli/kernel_arrays.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using io::FloatArray;
using Kernel = KernelCommand;

double norm(const Matrix<double>& a) {
  double sum = 0;
  for (const double x : a.storage) sum += x * x;
  return std::sqrt(sum);
}

double distance(Matrix<double> a, const Matrix<double>& b) {
  for (std::size_t i = 0; i < a.storage.size(); ++i) a.storage[i] -= b.storage[i];
  return norm(a);
}

TEST_F(Kernel, ApplyMultipliesByTheMatrixOfQueriesAndKeys) {
  make_points();
  const Outcome outcome =
      run_well(apply({"--queries", "q.npy", "--bandwidth", "0.7", "--epsilon", "0.1"}));
  const Matrix<double> x = npy("x.npy");
  EXPECT_LT(distance(npy("y.npy"), product("q.npy", "k.npy", x, 0.7)), 1e-5);
  EXPECT_EQ(io::load_npy_floats(path("y.npy")).shape, (std::vector<Index>{40}));
  EXPECT_TRUE(outcome.out.starts_with(
      "y.npy: K x of 40 queries and 60 keys of 3 coordinates, 1 column\nexact: "))
      << outcome.out;
  EXPECT_NE(outcome.out.find("100 % of all pairs evaluated\n"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Kernel, ApplyTakesColumnsAndKeysAlone) {
  make_points();
  made("x.npy", {60, 2}, 3);
  const Json result = run_well(apply({"--bandwidth", "0.7", "--exact", "--json"})).json();
  EXPECT_LT(distance(npy("y.npy"), product("k.npy", "k.npy", npy("x.npy"), 0.7)), 1e-5);
  EXPECT_EQ(io::load_npy_floats(path("y.npy")).shape, (std::vector<Index>{60, 2}));
  EXPECT_EQ(result.at("command"), "kernel apply");
  EXPECT_EQ(result.at("queries"), 60);
  EXPECT_EQ(result.at("keys"), 60);
  EXPECT_EQ(result.at("dim"), 3);
  EXPECT_EQ(result.at("columns"), 2);
  EXPECT_EQ(result.at("exact"), true);
  EXPECT_EQ(result.at("reason"), "asked for");
  EXPECT_EQ(result.at("pairs"), 1);
  EXPECT_FALSE(result.contains("plan"));
}

// Clusters of 32 points, far apart: little is near, and sampling pays.
TEST_F(Kernel, ApplyKeepsToEpsilonOfManyPointsAndFromASavedPlan) {
  const Index n = 16384, d = 16;
  const FloatArray centres = made("c.npy", {n / 32, d}, 5, 2);
  FloatArray keys = made("k.npy", {n, d}, 1, 0.34);
  for (Index i = 0; i < n; ++i)
    for (Index c = 0; c < d; ++c)
      keys.values[static_cast<std::size_t>(i * d + c)] +=
          centres.values[static_cast<std::size_t>(i / 32 * d + c)];
  io::save_npy(path("k.npy"), keys);
  made("x.npy", {n}, 3);
  const Json result = run_well(apply({"--bandwidth", "1", "--epsilon", "0.1", "--seed", "7",
                                      "--save-plan", "p.pdg", "--json"}))
                          .json();
  EXPECT_EQ(result.at("exact"), false);
  EXPECT_LE(result.at("error"), result.at("error_bound"));
  EXPECT_LE(result.at("error_bound"), 0.1);
  EXPECT_LT(result.at("pairs"), 0.5);
  EXPECT_GT(result.at("plan").at("key_cells"), 1);
  EXPECT_EQ(result.at("spec"), "gaussian:bandwidth=1,epsilon=0.1,seed=7");
  const std::string approximate = read("y.npy");
  const Matrix<double> y = npy("y.npy");

  const Words planned = {"kernel", "apply", "--plan", "p.pdg", "--x", "x.npy", "-o", "y.npy"};
  const Outcome again = run_well(planned);
  EXPECT_EQ(read("y.npy"), approximate);
  EXPECT_NE(again.out.find("\nerror "), std::string::npos) << again.out;
  EXPECT_NE(again.out.find(", below "), std::string::npos) << again.out;
  EXPECT_NE(again.out.find(" with probability 99 % (epsilon 0.1)\n"), std::string::npos)
      << again.out;

  Words exactly = planned;
  exactly.push_back("--exact");
  run_well(exactly);
  EXPECT_LT(distance(y, npy("y.npy")), 0.1 * norm(npy("x.npy")));
  EXPECT_GT(distance(y, npy("y.npy")), 0);
}

TEST_F(Kernel, DensityIsTheMeanOfNormalDensities) {
  make_points();
  const Words arguments = {"kernel", "density",     "--keys", "k.npy", "--queries",
                           "q.npy",  "--bandwidth", "0.7",    "-o",    "p.npy"};
  run_well(arguments);
  Matrix<double> x(60, 1);
  std::ranges::fill(x.storage, 1.0 / 60);
  Matrix<double> expected = product("q.npy", "k.npy", x, 0.7);
  for (double& p : expected.storage) p /= std::pow(2 * std::numbers::pi * 0.7 * 0.7, 1.5);
  EXPECT_LT(distance(npy("p.npy"), expected), 1e-6 * norm(expected));

  Words log = arguments;
  log.push_back("--log");
  EXPECT_EQ(run_well(log).out.rfind("p.npy: logarithms of densities at 40 queries", 0), 0u);
  for (double& p : expected.storage) p = std::log(p);
  EXPECT_LT(distance(npy("p.npy"), expected), 1e-5);
}

TEST_F(Kernel, DensityTakesWeightsOfKeys) {
  make_points();
  std::vector<double> weights(60);
  weights[3] = 5, weights[4] = 15;
  io::save_npy_vector(path("w.npy"), weights);
  run_well({"kernel", "density", "--keys", "k.npy", "--queries", "q.npy", "--bandwidth", "1",
            "--weights", "w.npy", "-o", "p.npy"});
  Matrix<double> x(60, 1);
  x(3, 0) = 0.25, x(4, 0) = 0.75;
  Matrix<double> expected = product("q.npy", "k.npy", x, 1);
  for (double& p : expected.storage) p /= std::pow(2 * std::numbers::pi, 1.5);
  EXPECT_LT(distance(npy("p.npy"), expected), 1e-6 * norm(expected));
  weights[7] = -1;
  io::save_npy_vector(path("w.npy"), weights);
  expect_refusal(2,
                 {"kernel", "density", "--keys", "k.npy", "--bandwidth", "1", "--weights", "w.npy",
                  "-o", "p.npy"},
                 {"w.npy: expected one column of weights that are not negative"});
}

TEST_F(Kernel, DensityInManyDimensionsIsALogarithm) {
  made("k.npy", {10, 1000}, 1);
  const Words arguments = {"kernel",      "density", "--keys", "k.npy",
                           "--bandwidth", "1",       "-o",     "p.npy"};
  expect_refusal(2, arguments, {"1000 coordinates are beyond what a double holds", "--log"});
  Words log = arguments;
  log.push_back("--log");
  run_well(log);
  const double alone = -std::log(10) - 500 * std::log(2 * std::numbers::pi);
  EXPECT_NEAR(npy("p.npy").storage[0], alone, 1e-6);
}

TEST_F(Kernel, DensitySaysWhereThereIsNone) {
  make_points();
  made("q.npy", {2, 3}, 2, 1e4);
  const Outcome outcome = run_well({"kernel", "density", "--keys", "k.npy", "--queries", "q.npy",
                                    "--bandwidth", "1", "--log", "-o", "p.npy"});
  EXPECT_NE(outcome.out.find("2 densities are 0"), std::string::npos) << outcome.out;
  EXPECT_EQ(npy("p.npy").storage[0], -INFINITY);
}

TEST_F(Kernel, EigsFindsTheSizesOfClustersOfEqualPoints) {
  FloatArray keys{{30, 2}, std::vector<float>(60)};
  for (std::size_t i = 40; i < 60; ++i) keys.values[i] = 100;
  io::save_npy(path("k.npy"), keys);
  const Words arguments = {"kernel", "eigs",    "--keys", "k.npy", "--bandwidth",
                           "1",      "--count", "2",      "-o",    "v.npy"};
  Words json = arguments;
  json.push_back("--json");
  const Json result = run_well(json).json();
  ASSERT_EQ(result.at("values").size(), 2u);
  EXPECT_NEAR(result.at("values")[0], 20, 1e-4);
  EXPECT_NEAR(result.at("values")[1], 10, 1e-4);
  EXPECT_LT(result.at("residuals")[0], 1e-3);
  const Matrix<double> vectors = npy("v.npy");
  EXPECT_EQ(vectors.cols, 2);
  EXPECT_NEAR(std::abs(vectors(0, 0)), 1 / std::sqrt(20.0), 1e-5);
  const Outcome text = run_well(arguments);
  EXPECT_NE(text.out.find("\n  1          20"), std::string::npos) << text.out;
}

TEST_F(Kernel, TraceIsThatOfClustersOfEqualPoints) {
  FloatArray keys{{30, 2}, std::vector<float>(60)};
  for (std::size_t i = 40; i < 60; ++i) keys.values[i] = 100;
  io::save_npy(path("k.npy"), keys);
  const Words arguments = {"kernel", "trace", "--keys", "k.npy", "--bandwidth", "1"};
  const auto with = [&](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  // The subspace holds both eigenvectors: nothing is left to probe.
  const Json square = run_well(with(arguments, {"--json"})).json();
  EXPECT_NEAR(square.at("value"), 20 * 20 + 10 * 10, 1e-2);
  EXPECT_LT(square.at("standard_error"), 1e-2);
  EXPECT_EQ(square.at("power"), 2);
  EXPECT_EQ(square.at("products"), 60);
  const Json first =
      run_well(with(arguments, {"--power", "1", "--products", "9", "--json"})).json();
  EXPECT_NEAR(first.at("value"), 30, 1e-3);
  EXPECT_TRUE(run_well(arguments).out.starts_with("K of 30 keys of 2 coordinates\ntr(K^2) = 500"));
  expect_refusal(2, with(arguments, {"--power", "3"}), {"--power", "from 1 to 2, got \"3\""});
  expect_refusal(2, with(arguments, {"--products", "5"}), {"--products", "from 6"});
}

TEST_F(Kernel, HashedMultipliesByTheAlgorithmOfThePaper) {
  make_points();
  const Words arguments = {"kernel",    "hashed", "--keys", "k.npy", "--queries",
                           "q.npy",     "--x",    "x.npy",  "-o",    "y.npy",
                           "--epsilon", "0.1",    "--seed", "5",     "--bandwidth"};
  const auto with = [&](const Words& more) {
    Words all = arguments;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const Json result = run_well(with({"0.7", "--tables", "40", "--json"})).json();
  const Matrix<double> x = npy("x.npy");
  EXPECT_LT(distance(npy("y.npy"), product("q.npy", "k.npy", x, 0.7)), 0.1 * norm(x));
  EXPECT_EQ(io::load_npy_floats(path("y.npy")).shape, (std::vector<Index>{40}));
  EXPECT_EQ(result.at("tables"), 40);
  EXPECT_EQ(result.at("queries"), 40);
  EXPECT_GT(result.at("heavy_keys"), 0);
  EXPECT_TRUE(run_well(with({"0.7"}))
                  .out.starts_with("y.npy: K x of 40 queries and 60 keys of 3 coordinates\n"));
  expect_refusal(2, with({"0"}), {"bandwidth must be positive"});
  expect_refusal(2, with({"1", "--heavy", "0.6"}), {"heavy must be above 0 and at most 1/2"});
  made("x.npy", {60, 2}, 3);
  expect_refusal(2, with({"1"}), {"x must be 60 x 1, got 60 x 2"});
  make_points();
  Words over = with({"1"});
  over[9] = "q.npy";
  expect_refusal(2, over, {"q.npy"});
}

TEST_F(Kernel, PlansOfOtherQueriesHaveNoEigenvalues) {
  make_points();
  made("q.npy", {60, 3}, 2);
  run_well(apply({"--queries", "q.npy", "--bandwidth", "1", "--save-plan", "p.pdg"}));
  for (const std::string verb : {"eigs", "trace"})
    expect_refusal(2, {"kernel", verb, "--plan", "p.pdg"}, {"the plan has other queries"});
}

TEST_F(Kernel, SolveInvertsTheMatrixAndTheRidge) {
  make_points();
  const Json result =
      run_well({"kernel", "solve", "--keys", "k.npy", "--b", "x.npy", "--bandwidth", "0.7",
                "--ridge", "0.5", "--tolerance", "1e-6", "-o", "v.npy", "--json"})
          .json();
  EXPECT_EQ(result.at("converged"), true);
  const Matrix<double> v = npy("v.npy"), b = npy("x.npy");
  Matrix<double> image = product("k.npy", "k.npy", v, 0.7);
  for (std::size_t i = 0; i < v.storage.size(); ++i) image.storage[i] += 0.5 * v.storage[i];
  EXPECT_LT(distance(image, b), 1e-5 * norm(b));
  expect_refusal(2,
                 {"kernel", "solve", "--keys", "k.npy", "--b", "x.npy", "--bandwidth", "0.7",
                  "--ridge", "0", "-o", "v.npy"},
                 {"ridge must be positive and finite, got 0"});
}

TEST_F(Kernel, SolveThatDoesNotConvergeIsExitCode6) {
  make_points();
  const Outcome outcome =
      run({"kernel", "solve", "--keys", "k.npy", "--b", "x.npy", "--bandwidth", "5", "--ridge",
           "1e-6", "--iterations", "1", "--refinements", "1", "-o", "v.npy"});
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_NE(outcome.err.find("above the tolerance of 0.0001"), std::string::npos) << outcome.err;
}

TEST_F(Kernel, NumbersThatMakeNoSpecAreExitCode2) {
  make_points();
  expect_refusal(2, apply(), {"kernel apply: --bandwidth is required"});
  for (const std::string bandwidth : {"0", "-1", "nan", "inf"})
    expect_refusal(2, apply({"--bandwidth", bandwidth}), {"bandwidth", "positive"});
  for (const std::string epsilon : {"0", "1", "-0.1", "nan"})
    expect_refusal(2, apply({"--bandwidth", "1", "--epsilon", epsilon}), {"epsilon"});
  expect_refusal(2, apply({"--bandwidth", "1", "--failure", "1"}), {"failure"});
  expect_refusal(2, apply({"--bandwidth", "1", "--spec", "gauss:near=3"}), {"gaussian"});
  expect_refusal(2, apply({"--bandwidth", "abc"}), {"--bandwidth"});
}

TEST_F(Kernel, ArraysThatDoNotGoTogetherAreExitCode2AndNamed) {
  make_points();
  const Words usual = {"--queries", "q.npy", "--bandwidth", "1"};
  const auto expect_bad = [&](const std::string& name, const std::vector<Index>& shape,
                              const Words& parts) {
    const std::string before = read(name);
    made(name, shape, 5);
    expect_refusal(2, apply(usual), parts);
    write(name, before);
  };
  expect_bad("q.npy", {40, 4}, {"q.npy: expected as many columns as k.npy has, 3, got 4"});
  expect_bad("x.npy", {59}, {"x.npy: expected a row for each of 60 keys, got 59"});
  expect_bad("k.npy", {60}, {"k.npy: expected an array of N x D, got shape (60)"});
  expect_bad("k.npy", {2, 60, 3}, {"got shape (2, 60, 3)"});
  expect_bad("k.npy", {0, 3}, {"there must be a key, got 0"});
  expect_bad("k.npy", {60, 0}, {"columns"});
  EXPECT_EQ(std::ranges::count(files(), "y.npy"), 0);
}

TEST_F(Kernel, NumbersThatAreNotFiniteAreNamedByTheirPlace) {
  make_points();
  const auto spoil = [&](const std::string& name, std::size_t at, float by) {
    FloatArray array = io::load_npy_floats(path(name));
    array.values[at] = by;
    io::save_npy(path(name), array);
  };
  spoil("k.npy", 7 * 3 + 2, NAN);
  for (const Words& more : {Words{"--bandwidth", "1"}, Words{"--bandwidth", "1", "--exact"}})
    expect_refusal(2, apply(more), {"finite, got nan in row 7, column 2"});
  make_points();
  spoil("x.npy", 11, INFINITY);
  for (const Words& more : {Words{"--bandwidth", "1"}, Words{"--bandwidth", "1", "--exact"}})
    expect_refusal(2, apply(more), {"x must be finite, got inf in row 11, column 0"});
}

TEST_F(Kernel, NoQueriesIsAnEmptyProduct) {
  make_points();
  made("q.npy", {0, 3}, 2);
  run_well(apply({"--queries", "q.npy", "--bandwidth", "1"}));
  EXPECT_EQ(io::load_npy_floats(path("y.npy")).shape, (std::vector<Index>{0}));
}

TEST_F(Kernel, FilesThatAreNoneAreExitCode3Or5) {
  make_points();
  write("p.pdg", "no plan");
  expect_refusal(3, {"kernel", "apply", "--plan", "p.pdg", "--x", "x.npy", "-o", "y.npy"},
                 {"p.pdg"});
  expect_refusal(5, {"kernel", "apply", "--plan", "q.pdg", "--x", "x.npy", "-o", "y.npy"},
                 {"q.pdg"});
  std::filesystem::remove(path("x.npy"));
  expect_refusal(5, apply({"--bandwidth", "1"}), {"x.npy"});
  write("k.npy", "no array");
  expect_refusal(3, apply({"--bandwidth", "1"}), {"k.npy"});
}

TEST_F(Kernel, APlanStandsAlone) {
  make_points();
  run_well(apply({"--bandwidth", "1", "--save-plan", "p.pdg"}));
  for (const Words& more : {Words{"--keys", "k.npy"}, Words{"--bandwidth", "1"},
                            Words{"--epsilon", "0.1"}, Words{"--seed", "0"}}) {
    Words all = {"kernel", "apply", "--plan", "p.pdg", "--x", "x.npy", "-o", "y.npy"};
    all.insert(all.end(), more.begin(), more.end());
    expect_refusal(2, all, {"a plan holds points, bandwidth and the rest"});
  }
  expect_refusal(2, {"kernel", "apply", "--x", "x.npy", "-o", "y.npy"}, {"--keys is required"});
}

TEST_F(Kernel, NothingThatIsReadIsOverwritten) {
  make_points();
  const std::string before = read("k.npy");
  expect_refusal(
      2, {"kernel", "apply", "--keys", "k.npy", "--x", "x.npy", "--bandwidth", "1", "-o", "k.npy"},
      {"k.npy"});
  expect_refusal(2, apply({"--bandwidth", "1", "--save-plan", "k.npy"}), {"k.npy"});
  EXPECT_EQ(read("k.npy"), before);
}

TEST_F(Kernel, SubcommandsOfItsOwnAreExplained) {
  const Words names = {"apply", "density",   "solve",    "eigs",
                       "trace", "attention", "diagnose", "hashed"};
  const Outcome all = run_well({"kernel", "--help"});
  for (const std::string& name : names) {
    EXPECT_NE(all.out.find("\n  " + name + "  "), std::string::npos) << name;
    const Outcome help = run_well({"kernel", name, "--help"});
    EXPECT_NE(help.out.find("\n\nExample: prodigest kernel " + name + " "), std::string::npos)
        << help.out;
  }
  EXPECT_TRUE(all.out.ends_with("prodigest kernel SUBCOMMAND --help tells more, with an example\n"))
      << all.out;
  expect_refusal(2, {"kernel"},
                 {"expected a subcommand: apply, density", "prodigest kernel --help"});
  expect_refusal(2, {"kernel", "aply"}, {"no subcommand \"aply\"", "nearest is \"apply\""});
  expect_refusal(2, {"kernel", "apply", "--bandwith", "1"},
                 {"kernel apply: no option \"--bandwith\"; nearest is \"--bandwidth\"",
                  "prodigest kernel apply --help tells more"});
}

}  // namespace
}  // namespace prodigest::cli
