// Attention that goes on from the state of an earlier call.

#include <cmath>

#include "cli/attend_arrays.hpp"

namespace prodigest::cli {
namespace {

constexpr Index kTokens = 300;

// Tokens first, ..., first + count - 1 of an array of heads.
FloatArray piece_of(const FloatArray& all, Index first, Index count) {
  FloatArray piece{{all.shape[0], count, all.shape[2]}, {}};
  for (Index h = 0; h < all.shape[0]; ++h) {
    const auto from = all.values.begin() + (h * all.shape[1] + first) * all.shape[2];
    piece.values.insert(piece.values.end(), from, from + count * all.shape[2]);
  }
  return piece;
}

double largest_difference(const FloatArray& a, const FloatArray& b) {
  EXPECT_EQ(a.shape, b.shape);
  double largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i)
    largest = std::max(largest, std::abs(double{a.values[i]} - double{b.values[i]}));
  return largest;
}

class AttendState : public Attend {
 protected:
  // Of four heads over two key heads.
  AttendState()
      : q_(made("q.npy", {4, kTokens, 8}, 1)),
        k_(made("k.npy", {2, kTokens, 8}, 2)),
        v_(made("v.npy", {2, kTokens, 5}, 3)) {}

  void take(Index first, Index count) const {
    io::save_npy(path("q.npy"), piece_of(q_, first, count));
    io::save_npy(path("k.npy"), piece_of(k_, first, count));
    io::save_npy(path("v.npy"), piece_of(v_, first, count));
  }
  Outcome attend(const std::string& method, const std::vector<std::string>& more = {}) const {
    return run_well(causal(method, more));
  }
  std::vector<std::string> causal(const std::string& method,
                                  std::vector<std::string> more = {}) const {
    more.push_back("--causal");
    return arguments(method, more);
  }
  void make_sample() const {
    write("x.csv", "a,b\n1,2\n3,4\n");
    run_well({"sketch", "x.csv", "-o", "sample.pdg"});
  }
  void expect_part_of(const FloatArray& whole, Index first, Index count) const {
    EXPECT_LT(largest_difference(out(), piece_of(whole, first, count)), 2e-6) << first;
  }

 private:
  FloatArray q_, k_, v_;
};

TEST_F(AttendState, GoesOnAsIfNothingHadBeenCut) {
  for (const std::string method : {"polysketch:size=16,local_block=64", "polysketch:size=16",
                                   "polysketch:degree=2", "performer:size=32"}) {
    take(0, kTokens);
    attend(method);
    const FloatArray whole = out();
    take(0, 128);
    attend(method, {"--state-out", "s.pdg"});
    expect_part_of(whole, 0, 128);
    take(128, 1);  // the state may be replaced
    attend(method, {"--state-in", "s.pdg", "--state-out", "s.pdg"});
    expect_part_of(whole, 128, 1);
    take(129, 171);
    const std::string before = read("s.pdg");
    attend(method, {"--state-in", "s.pdg"});
    expect_part_of(whole, 129, 171);
    EXPECT_EQ(read("s.pdg"), before);
  }
}

TEST_F(AttendState, OfPiecesIsMergedToThatOfTheWhole) {
  const std::string method = "polysketch:size=16,local_block=50";
  attend(method);
  const FloatArray whole = out();
  take(0, 100);
  attend(method, {"--state-out", "a.pdg"});
  take(100, 150);
  attend(method, {"--state-out", "b.pdg"});
  const Outcome merged = run_well({"merge", "a.pdg", "b.pdg", "-o", "c.pdg"});
  EXPECT_TRUE(merged.out.starts_with("c.pdg: state after 250 tokens, ")) << merged.out;
  take(250, 50);
  attend(method, {"--state-in", "c.pdg"});
  expect_part_of(whole, 250, 50);
}

TEST_F(AttendState, IsToldOf) {
  const std::string method = "polysketch:degree=4,size=16,local_block=64,seed=7";
  const auto made_state = attend(method, {"--state-out", "s.pdg", "--json"}).json().at("state");
  EXPECT_EQ(made_state.at("output"), "s.pdg");
  EXPECT_EQ(made_state.at("tokens"), std::vector{kTokens});
  EXPECT_EQ(made_state.at("bytes"), std::filesystem::file_size(path("s.pdg")));

  const auto info = run_well({"info", "s.pdg", "--check", "--json"}).json();
  EXPECT_EQ(info.at("kind"), "attention_state");
  EXPECT_EQ(info.at("bytes"), made_state.at("bytes"));
  EXPECT_EQ(info.at("spec"), method);
  EXPECT_EQ(info.at("seed"), 7);
  EXPECT_EQ(info.at("sequences"), 1);
  EXPECT_EQ(info.at("key_heads"), 2);
  EXPECT_EQ(info.at("tokens"), std::vector{kTokens});
  EXPECT_EQ(info.at("open_tokens"), std::vector{kTokens % 64});
  EXPECT_EQ(info.at("size"), 16);
  EXPECT_EQ(info.at("value_dim"), 5);
  EXPECT_EQ(info.at("block"), 64);
  EXPECT_EQ(info.at("value_type"), "f32");
  EXPECT_EQ(info.at("check"), "ok");
  const std::string text = run_well({"info", "s.pdg"}).out;
  for (const char* const part :
       {"s.pdg: attention_state, ", method.c_str(), "  300 tokens\n",
        "  44 (not in the sums until their local block of 64 is full)\n", "136 features"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;

  attend("performer:size=32", {"--state-out", "s.pdg"});
  EXPECT_NE(run_well({"info", "s.pdg"}).out.find("  none ever are\n"), std::string::npos);
}

TEST_F(AttendState, OfAnotherAttentionIsExitCode4AndNothingIsWritten) {
  attend("polysketch:degree=4,size=16", {"--state-out", "s.pdg"});
  const std::vector<std::string> before = files();
  const std::string out_before = read("o.npy"), state_before = read("s.pdg");
  const auto expect_other = [&](const std::string& method, const std::string& part) {
    expect_refusal(4, causal(method, {"--state-in", "s.pdg", "--state-out", "s.pdg"}),
                   {"s.pdg: attend: the state must be ", part});
    EXPECT_EQ(files(), before);
    EXPECT_EQ(read("o.npy"), out_before);
    EXPECT_EQ(read("s.pdg"), state_before);
  };
  expect_other(
      "polysketch:degree=4,size=16,seed=1",
      "spec polysketch:degree=4,size=16,seed=1, got polysketch:degree=4,size=16 (the spec");
  expect_other("performer", "with spec performer:size=256, got polysketch:degree=4,size=16 (");
  made("v.npy", {2, kTokens, 6}, 3);
  expect_other("polysketch:size=16", "with value_dim 6, got 5 (");
  made("v.npy", {2, kTokens, 5}, 3);
  made("q.npy", {2, kTokens, 8}, 1);
  expect_other("polysketch:size=16", "with fingerprint ");
  made("q.npy", {2, 4, 10, 8}, 1);
  made("k.npy", {2, 2, 10, 8}, 2);
  made("v.npy", {2, 2, 10, 5}, 3);
  expect_other("polysketch:size=16", "of 2 sequences, as the tokens are, got 1 (");
}

TEST_F(AttendState, ThatMakesNoSenseIsRefusedAndNothingIsWritten) {
  attend("polysketch:size=16", {"--state-out", "s.pdg"});
  make_sample();
  const std::string state = read("s.pdg");
  write("cut.pdg", std::string_view(state).substr(0, state.size() - 64));
  std::filesystem::remove(path("o.npy"));
  const std::vector<std::string> before = files();
  struct Case {
    int exit_code;
    std::string method;
    std::vector<std::string> more;
    std::string part;
  };
  const std::string linear = "polysketch:size=16";
  const Case cases[] = {
      {2, linear, {"--state-out", "t.pdg"}, "--state-in and --state-out need --causal"},
      {2,
       "softmax",
       {"--causal", "--state-out", "t.pdg"},
       "only polysketch and performer have a state, got \"softmax\""},
      {2,
       "polynomial",
       {"--causal", "--state-in", "s.pdg"},
       "only polysketch and performer go on from a state, got \"polynomial:degree=4\""},
      {3, linear, {"--causal", "--state-in", "q.npy"}, "q.npy"},
      {3, linear, {"--causal", "--state-in", "cut.pdg"}, "cut.pdg"},
      {3,
       linear,
       {"--causal", "--state-in", "sample.pdg"},
       "sample.pdg: expected a digest of kind attention_state, got row_sample"},
      {5, linear, {"--causal", "--state-in", "none.pdg"}, "none.pdg"},
      {2, linear, {"--causal", "--state-out", "o.npy"}, "-o and --state-out must be two files"},
      {2, linear, {"--causal", "--state-out", "./o.npy"}, "-o and --state-out must be two files"},
      {2,
       linear,
       {"--causal", "--state-out", "k.npy"},
       "k.npy: the output would replace the array (choose another output)"},
      {2, linear, {"--causal", "--state-out", "-"}, "--state-out must be a file, got -"},
  };
  for (const Case& one : cases) {
    expect_refusal(one.exit_code, arguments(one.method, one.more), {one.part});
    EXPECT_EQ(files(), before) << one.part;
  }
  const auto to = [&](const std::string& output) {
    auto words = causal(linear, {"--state-in", "s.pdg", "--state-out", "s.pdg"});
    *std::ranges::find(words, "o.npy") = output;
    return words;
  };
  expect_refusal(2, to("s.pdg"), {"s.pdg: the output would replace the state"});
  expect_refusal(5, to("none/o.npy"), {"none/o.npy: cannot be written"});
  EXPECT_EQ(read("s.pdg"), state);  // it moves on only with its result
}

TEST_F(AttendState, ThatDoesNotGoBeforeAnotherIsNotMergedWithIt) {
  const std::string method = "polysketch:size=16,local_block=64";
  attend(method, {"--state-out", "a.pdg"});
  attend(method + ",seed=1", {"--state-out", "b.pdg"});
  make_sample();
  const std::vector<std::string> before = files();
  expect_refusal(4, {"merge", "a.pdg", "a.pdg", "-o", "c.pdg"},
                 {"a.pdg and a.pdg: merge: a state that is merged to must end where a block ends",
                  "was cut at token 300, local_block 64 (cut at a multiple of it)"});
  expect_refusal(4, {"merge", "a.pdg", "b.pdg", "-o", "c.pdg"},
                 {"a.pdg and b.pdg: merge: states must be of one attention, with spec "});
  expect_refusal(3, {"merge", "a.pdg", "sample.pdg", "-o", "c.pdg"},
                 {"sample.pdg: expected a digest of kind attention_state, got row_sample"});
  expect_refusal(3, {"merge", "sample.pdg", "a.pdg", "-o", "c.pdg"},
                 {"a.pdg: expected a digest of kind row_sample",
                  "got attention_state (it holds no "
                  "matrix: attention goes on from it)"});
  EXPECT_EQ(files(), before);
}

TEST_F(AttendState, LeavesStdoutToTheResult) {
  attend("polysketch:size=16");
  auto words = causal("polysketch:size=16", {"--state-out", "s.pdg"});
  *std::ranges::find(words, "o.npy") = "-";
  EXPECT_EQ(run_well(words).out, read("o.npy"));
  words.push_back("--json");
  expect_refusal(2, words, {"-o - and --json both take stdout"});
}

}  // namespace
}  // namespace prodigest::cli
