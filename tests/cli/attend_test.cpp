// Attention of arrays in files, and kinds of it compared.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/attend_arrays.hpp"
#include "prodigest/attention/attention.hpp"

namespace prodigest::cli {
namespace {

using Json = nlohmann::json;
using attention::AttendOptions;
using attention::Attention;
using attention::HeadsView;
using attention::parse_attention_spec;

// What the library makes of B x H x N x D arrays.
std::vector<float> expected(const std::string& method, const AttendOptions& options, FloatArray q,
                            FloatArray k, FloatArray v, std::vector<double> gain = {}) {
  const auto view = [](FloatArray& x) {
    const auto& s = x.shape;
    return HeadsView<float>::bhnd(x.values.data(), s[0], s[1], s[2], s[3]);
  };
  FloatArray out{{q.shape[0], q.shape[1], q.shape[2], v.shape[3]}, {}};
  out.values.resize(static_cast<std::size_t>(q.shape[0] * q.shape[1] * q.shape[2] * v.shape[3]));
  Attention<float> attention(parse_attention_spec(method), {.heads = q.shape[1],
                                                            .key_heads = k.shape[1],
                                                            .head_dim = q.shape[3],
                                                            .value_dim = v.shape[3]});
  if (!gain.empty()) attention.set_remote_gain(gain);
  attention.apply(view(q), view(k), view(v), view(out), options);
  return out.values;
}

TEST_F(Attend, OfOneHeadIsThatOfTheLibraryForEveryMethod) {
  make_head();
  const auto four = [&](const std::string& name) {
    FloatArray array = io::load_npy_floats(path(name));
    array.shape.insert(array.shape.begin(), {1, 1});
    return array;
  };
  for (const std::string method :
       {"softmax", "polynomial:degree=4", "performer:size=32", "polysketch:degree=4,size=16"})
    for (const bool causal : {false, true}) {
      run_well(arguments(
          method, causal ? std::vector<std::string>{"--causal"} : std::vector<std::string>{}));
      EXPECT_EQ(out().shape, (std::vector<Index>{100, 5}));
      EXPECT_EQ(out().values,
                expected(method, {.causal = causal}, four("q.npy"), four("k.npy"), four("v.npy")))
          << method;
    }
}

TEST_F(Attend, TakesBatchesAndGroupsOfHeads) {
  const FloatArray q = made("q.npy", {2, 6, 40, 8}, 1), k = made("k.npy", {2, 3, 70, 8}, 2),
                   v = made("v.npy", {2, 3, 70, 5}, 3);
  const Json result = run_well(arguments("softmax", {"--json"})).json();
  EXPECT_EQ(out().shape, (std::vector<Index>{2, 6, 40, 5}));
  EXPECT_EQ(out().values, expected("softmax", {.causal = false}, q, k, v));
  EXPECT_EQ(result.at("command"), "attend");
  EXPECT_EQ(result.at("spec"), "softmax");
  EXPECT_EQ(result.at("output"), "o.npy");
  EXPECT_EQ(result.at("causal"), false);
  EXPECT_EQ(result.at("batch"), 2);
  EXPECT_EQ(result.at("heads"), 6);
  EXPECT_EQ(result.at("key_heads"), 3);
  EXPECT_EQ(result.at("queries"), 40);
  EXPECT_EQ(result.at("keys"), 70);
  EXPECT_EQ(result.at("head_dim"), 8);
  EXPECT_EQ(result.at("value_dim"), 5);
  EXPECT_GT(result.at("seconds"), 0);
}

TEST_F(Attend, OfHeadsSideBySideIsThatOfHeadsOneAfterTheOther) {
  // Token t of head h: x[h][t] and x[t][h].
  const auto side_by_side = [&](const std::string& name, const FloatArray& from) {
    const Index heads = from.shape[0], tokens = from.shape[1], width = from.shape[2];
    FloatArray to{{tokens, heads * width}, std::vector<float>(from.values.size())};
    for (Index h = 0; h < heads; ++h)
      for (Index t = 0; t < tokens; ++t)
        for (Index d = 0; d < width; ++d)
          to.values[static_cast<std::size_t>((t * heads + h) * width + d)] =
              from.values[static_cast<std::size_t>((h * tokens + t) * width + d)];
    io::save_npy(path(name), to);
    return to;
  };
  const FloatArray q = made("q.npy", {4, 50, 8}, 1), k = made("k.npy", {2, 50, 8}, 2),
                   v = made("v.npy", {2, 50, 3}, 3);
  run_well(arguments("softmax", {"--causal"}));
  const FloatArray apart = out();
  EXPECT_EQ(apart.shape, (std::vector<Index>{4, 50, 3}));
  side_by_side("q.npy", q);
  side_by_side("k.npy", k);
  side_by_side("v.npy", v);
  run_well(arguments("softmax", {"--causal", "--heads", "4"}));
  EXPECT_EQ(out(), side_by_side("expected.npy", apart));
}

TEST_F(Attend, TakesSequencesOneAfterTheOther) {
  const FloatArray q = made("q.npy", {1, 4, 70, 8}, 1), k = made("k.npy", {1, 2, 70, 8}, 2),
                   v = made("v.npy", {1, 2, 70, 5}, 3);
  const std::vector<Index> starts = {0, 20, 20, 70};
  for (const std::string method : {"softmax", "polysketch:size=16"}) {
    const Json result =
        run_well(arguments(method, {"--causal", "--sequence-starts", "0,20,20,70", "--json"}))
            .json();
    EXPECT_EQ(result.at("sequence_starts"), starts);
    EXPECT_EQ(out().values, expected(method, {.sequence_starts = starts}, q, k, v)) << method;
  }
  run_well(arguments("polysketch:size=16",
                     {"--causal", "--sequence-starts", "0,20,20,70", "--state-out", "s.pdg"}));
  EXPECT_EQ(run_well({"info", "s.pdg", "--json"}).json().at("tokens"),
            (std::vector<Index>{20, 0, 50}));
}

TEST_F(Attend, MultipliesRemoteWeightsByTheGain) {
  const FloatArray q = made("q.npy", {1, 4, 70, 8}, 1), k = made("k.npy", {1, 2, 70, 8}, 2),
                   v = made("v.npy", {1, 2, 70, 5}, 3);
  const std::string method = "polysketch:degree=4,size=4,local_block=16";
  const auto expect_gain = [&](const std::string& spec, const std::string& text,
                               const std::vector<double>& gain) {
    const Json result = run_well(arguments(spec, {"--causal", "--gain", text, "--json"})).json();
    EXPECT_EQ(result.at("gain"), gain);
    EXPECT_EQ(out().values, expected(spec, {}, q, k, v, gain)) << spec << " " << text;
  };
  expect_gain(method, "0,0.25,1,2.5", {0, 0.25, 1, 2.5});
  expect_gain(method, "0.5", std::vector(4, 0.5));
  // 3 size / 8²; 3 * 5 * 7 size / 8^4; nothing is sketched; not above 1
  expect_gain(method, "auto", std::vector(4, 3.0 * 4 / 64));
  expect_gain("polysketch:degree=8,size=16,local_block=16", "auto",
              std::vector(4, 105.0 * 16 / 4096));
  expect_gain("polysketch:degree=2,local_block=16", "auto", std::vector(4, 1.0));
  expect_gain("polysketch:size=32,local_block=16", "auto", std::vector(4, 1.0));
}

TEST_F(Attend, RefusesGainsThatDoNotFit) {
  made("q.npy", {4, 70, 8}, 1);
  made("k.npy", {2, 70, 8}, 2);
  made("v.npy", {2, 70, 5}, 3);
  const std::string method = "polysketch:local_block=16";
  for (const auto& [spec, gain, part] :
       {std::tuple<std::string, std::string, std::string>{
            method, "1,2,3", "--gain takes one number, or one for each head of q, 4, got 3"},
        {method, "1,x", "--gain takes auto or numbers with commas, got \"x\""},
        {method, "1,", "--gain takes auto or numbers with commas, got \"\""},
        {method, "nan", "remote gains must be at least 0, got nan"},
        {"polysketch:size=8", "auto",
         "--gain auto is of polysketch with a local_block, got \"polysketch:degree=4,size=8\""},
        {"softmax", "1", "only polysketch has a remote gain, got \"softmax\""}})
    expect_refusal(2, arguments(spec, {"--causal", "--gain", gain}), {part});
}

TEST_F(Attend, RoundsDoublesToFloats) {
  make_head();
  run_well(arguments("softmax"));
  const FloatArray single = out();
  io::save_npy(path("q.npy"), npy("q.npy").view());
  run_well(arguments("softmax"));
  EXPECT_EQ(out(), single);
}

TEST_F(Attend, TellsWhatItDid) {
  make_head();
  const Outcome outcome = run_well(arguments("polysketch:degree=4,size=16"));
  EXPECT_TRUE(
      outcome.out.starts_with("o.npy: polysketch:degree=4,size=16, 1 head of 100 tokens, in "))
      << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with(" us a token and head)\n")) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Attend, HasTheSameBitsForAnyNumberOfThreads) {
  made("q.npy", {2, 1500, 8}, 1);
  made("k.npy", {2, 1500, 8}, 2);
  made("v.npy", {2, 1500, 8}, 3);
  for (const std::string method : {"softmax", "performer:size=16"}) {
    run_well(arguments(method, {"--threads", "1"}));
    const FloatArray one = out();
    run_well(arguments(method, {"--threads", "3"}));
    EXPECT_EQ(out(), one);
  }
}

TEST_F(Attend, ArraysThatDoNotGoTogetherAreExitCode2AndNamed) {
  make_head();
  const auto expect_bad = [&](const std::string& name, const std::vector<Index>& shape,
                              const std::vector<std::string>& parts,
                              const std::vector<std::string>& more = {}) {
    const std::string before = read(name);
    made(name, shape, 5);
    expect_refusal(2, arguments("softmax", more), parts);
    write(name, before);
  };
  expect_bad("k.npy", {100, 7}, {"attend: k.npy: width must be as in q.npy, 8, got 7"});
  expect_bad("v.npy", {99, 5}, {"attend: v.npy: tokens must be as in k.npy, 100, got 99"});
  expect_bad("q.npy", {1, 100, 8},
             {"attend: k.npy: expected as many dimensions as q.npy has, 3, got 2"});
  expect_bad("q.npy", {100}, {"attend: q.npy: expected an array of N x D", "got shape (100)"});
  expect_bad("q.npy", {1, 1, 1, 100, 8}, {"got shape (1, 1, 1, 100, 8)"});
  expect_bad("q.npy", {90, 8}, {"as many queries as keys, got 90 and 100"}, {"--causal"});
  expect_bad("q.npy", {100, 9},
             {"attend: q.npy: 2 heads side by side must be of one width, got 9 columns"},
             {"--heads", "2"});
  expect_bad("k.npy", {100, 6},
             {"attend: k.npy: expected heads of 4 columns, as q.npy has, got 6 columns"},
             {"--heads", "2"});
  made("q.npy", {4, 10, 8}, 1);
  made("k.npy", {3, 10, 8}, 2);
  made("v.npy", {3, 10, 5}, 3);
  expect_refusal(2, arguments("softmax"),
                 {"attend: k.npy: heads must divide those of q.npy, 4, got 3"});
  expect_refusal(2, arguments("softmax", {"--heads", "2"}),
                 {"attend: q.npy: --heads is of arrays of N x D, got 3 dimensions"});
  made("v.npy", {2, 10, 5}, 3);
  expect_refusal(2, arguments("softmax"), {"attend: v.npy: heads must be as in k.npy, 3, got 2"});
  EXPECT_EQ(std::ranges::count(files(), "o.npy"), 0);
}

TEST_F(Attend, NumbersThatAreNotFiniteAreNamedByTheirPlace) {
  make_head();
  FloatArray v = io::load_npy_floats(path("v.npy"));
  v.values[5 * 7 + 2] = NAN;
  io::save_npy(path("v.npy"), v);
  expect_refusal(2, arguments("softmax"),
                 {"v must be finite, got nan at batch 0, head 0, token 7, column 2"});
}

TEST_F(Attend, MethodsThatAreNoneAreExitCode2) {
  make_head();
  expect_refusal(2, arguments("softmux"), {"softmux", "nearest is \"softmax\""});
  expect_refusal(2, arguments("polynomial:degree=3"), {"degree must be 2, 4 or 8, got 3"});
  expect_refusal(2, arguments("polysketch:degree=4,sketch=given"),
                 {"sketch=given needs the sketches"});
}

TEST_F(Attend, OptionsThatDoNotGoTogetherAreExitCode2) {
  make_head();
  expect_refusal(2,
                 {"attend", "--q", "q.npy", "--k", "k.npy", "--method", "softmax", "-o", "o.npy"},
                 {"--q, --k and --v go together"});
  expect_refusal(2, {"attend", "--method", "softmax", "-o", "o.npy"},
                 {"--q, --k and --v are required"});
  expect_refusal(2, {"attend", "--q", "q.npy", "--k", "k.npy", "--v", "v.npy", "-o", "o.npy"},
                 {"--method is required"});
  expect_refusal(2,
                 {"attend", "--q", "q.npy", "--k", "k.npy", "--v", "v.npy", "--method", "softmax"},
                 {"-o is required"});
  expect_refusal(2, arguments("softmax", {"--compare"}),
                 {"--compare takes --methods, and writes no file"});
  expect_refusal(2, arguments("softmax", {"--lengths", "64"}), {"--lengths is of --compare"});
  const std::string before = read("q.npy");
  auto over = arguments("softmax");
  *std::ranges::find(over, "o.npy") = "q.npy";
  expect_refusal(2, over, {"q.npy"});
  EXPECT_EQ(read("q.npy"), before);
}

TEST_F(Attend, AFileThatIsNoneIsExitCode3Or5) {
  make_head();
  write("k.npy", "no array");
  expect_refusal(3, arguments("softmax"), {"k.npy"});
  std::filesystem::remove(path("k.npy"));
  expect_refusal(5, arguments("softmax"), {"k.npy"});
}

TEST_F(Attend, ComparesMethodsWithWhatTheyStandInFor) {
  make_head();
  const Json result =
      run_well({"attend", "--compare", "--q", "q.npy", "--k", "k.npy", "--v", "v.npy", "--causal",
                "--json", "--lengths", "32,100", "--methods",
                "softmax,performer:size=64,polynomial:degree=4,polysketch:degree=4,size=16,"
                "polysketch:degree=2"})
          .json();
  EXPECT_EQ(result.at("random"), false);
  EXPECT_EQ(result.at("causal"), true);
  const Json& cases = result.at("cases");
  ASSERT_EQ(cases.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(cases[i].at("tokens"), i < 5 ? 32 : 100);
    EXPECT_GT(cases[i].at("seconds"), 0);
    EXPECT_GT(cases[i].at("us_per_token"), 0);
  }
  EXPECT_EQ(cases[0].at("spec"), "softmax");
  EXPECT_FALSE(cases[0].contains("difference"));
  EXPECT_FALSE(cases[2].contains("difference"));
  EXPECT_EQ(cases[1].at("exact"), "softmax");
  EXPECT_GT(cases[1].at("difference"), 0.01);
  EXPECT_LT(cases[1].at("difference"), 1);
  EXPECT_EQ(cases[3].at("exact"), "polynomial:degree=4");
  EXPECT_GT(cases[3].at("difference"), 0.1);
  // <q, k>² is exact in linear time.
  EXPECT_EQ(cases[4].at("exact"), "polynomial:degree=2");
  EXPECT_LT(cases[4].at("difference"), 1e-5);
}

TEST_F(Attend, ComparesTimesWithThatOfSoftmaxAndWithGradients) {
  const std::vector<std::string> words = {"attend",   "--compare",  "--lengths",
                                          "64,200",   "--head-dim", "16",
                                          "--causal", "--methods",  "polysketch,softmax,performer"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = words;
    all.insert(all.end(), more.begin(), more.end());
    return run_well(all);
  };
  const Json cases = with({"--backward", "--json"}).json().at("cases");
  ASSERT_EQ(cases.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    const Json &own = cases[i], &softmax = cases[i / 3 * 3 + 1];
    const auto share = [&](const char* what) {
      return own.at(what).get<double>() / softmax.at(what).get<double>();
    };
    EXPECT_EQ(own.at("of_softmax"), share("seconds"));
    if (i % 3 == 2) {  // performer
      EXPECT_TRUE(own.at("seconds_with_backward").is_null());
      EXPECT_TRUE(own.at("with_backward_of_softmax").is_null());
    } else {
      EXPECT_GT(own.at("seconds_with_backward"), 0);
      EXPECT_EQ(own.at("with_backward_of_softmax"), share("seconds_with_backward"));
    }
  }
  const std::string table = with({"--backward"}).out;
  EXPECT_NE(table.find("of softmax  with backward, ms  of softmax  difference\n"),
            std::string::npos)
      << table;
  const std::size_t performer = table.find("\n  performer:size=256 ") + 1;
  EXPECT_NE(table.substr(performer, table.find('\n', performer) - performer).find("  -  "),
            std::string::npos)
      << table;
  EXPECT_EQ(with({}).out.find("backward"), std::string::npos);
  EXPECT_NE(with({}).out.find("of softmax"), std::string::npos);
  const Outcome without =
      run_well({"attend", "--compare", "--lengths", "64", "--methods", "polynomial,polysketch"});
  EXPECT_EQ(without.out.find("of softmax"), std::string::npos) << without.out;
  expect_refusal(2, arguments("softmax", {"--backward"}), {"--backward is of --compare"});
}

TEST_F(Attend, ComparesOnRandomNumbersWhereThereAreNoFiles) {
  const Outcome outcome = run_well({"attend", "--compare", "--lengths", "64", "--head-dim", "16"});
  for (const char* const method :
       {"softmax", "performer:size=256", "polynomial:degree=4", "polysketch:degree=4,size=32"})
    EXPECT_NE(outcome.out.find(std::string("\n  ") + method + " "), std::string::npos)
        << outcome.out;
  EXPECT_NE(outcome.out.find("random queries and keys"), std::string::npos) << outcome.out;
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(Attend, RefusesToCompareMoreTokensThanThereAre) {
  make_head();
  expect_refusal(2,
                 {"attend", "--compare", "--q", "q.npy", "--k", "k.npy", "--v", "v.npy",
                  "--lengths", "64,128"},
                 {"--lengths must be at most the number of tokens, 100, got 128"});
}

}  // namespace
}  // namespace prodigest::cli
