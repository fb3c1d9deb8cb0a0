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

TEST_F(Attend, TakesHeadsOfAnyWidthAndAnyNumberOfTokens) {
  for (const Index tokens : {0, 1, 3})
    for (const Index width : {1, 7})
      for (const std::string method :
           {"softmax", "polynomial", "performer:size=5", "polysketch:size=3,local_block=2",
            "polysketch:sketch=hadamard,size=8"}) {
        made("q.npy", {tokens, width}, 1);
        made("k.npy", {tokens, width}, 2);
        made("v.npy", {tokens, 1}, 3);
        run_well(arguments(method, {"--causal"}));
        EXPECT_EQ(out().shape, (std::vector<Index>{tokens, 1})) << method;
        if (tokens == 0) continue;
        // The first token sees itself only, with a weight that epsilon makes smaller.
        const float share = out().values[0] / io::load_npy_floats(path("v.npy")).values[0];
        EXPECT_GE(share, 0) << method;
        EXPECT_LE(share, 1 + 1e-6) << method;
      }
}

TEST_F(Attend, ReadsOneFileFromStdin) {
  make_head();
  run_well(arguments("softmax"));
  const std::string before = read("o.npy");
  auto words = arguments("softmax");
  *std::ranges::find(words, "k.npy") = "-";
  run_well(words, read("k.npy"));
  EXPECT_EQ(read("o.npy"), before);
  *std::ranges::find(words, "v.npy") = "-";
  expect_refusal(2, words, {"stdin, -, is one file only"});
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

}  // namespace
}  // namespace prodigest::cli
