// What attend refuses: by exit code, and with a message that names what is wrong.

#include <algorithm>
#include <limits>
#include <tuple>

#include "cli/attend_arrays.hpp"

namespace prodigest::cli {
namespace {

using AttendRefuses = Attend;

TEST_F(AttendRefuses, GainsThatDoNotFit) {
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

TEST_F(AttendRefuses, ArraysThatDoNotGoTogether) {
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
  expect_bad("q.npy", {90, 8},
             {"attend: k.npy: with --causal there must be as many tokens as in q.npy, 90, got 100 "
              "(keys seen before are in a state, --state-in)"},
             {"--causal"});
  for (const std::vector<Index>& shape : {std::vector<Index>{100, 0}, {0, 100, 8}})
    expect_bad("q.npy", shape, {"attend: q.npy: expected at least one head and one column"});
  expect_bad("v.npy", {100, 0}, {"attend: v.npy: expected at least one head and one column"});
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

TEST_F(AttendRefuses, OptionsThatDoNotGoTogether) {
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

TEST_F(AttendRefuses, MethodsThatAreNone) {
  make_head();
  struct Case {
    std::string method;
    std::vector<std::string> more;
    std::string part;
  };
  const Case cases[] = {
      {"softmux", {}, "nearest is \"softmax\""},
      {"polysketch:degree=3", {}, "spec: degree must be 2, 4 or 8, got 3"},
      {"polynomial:degree=1", {}, "spec: degree must be 2, 4 or 8, got 1"},
      {"polysketch:size=0", {}, "spec: size must be 1 to 2^20, got 0"},
      {"performer:size=0", {}, "spec: size must be 1 to 2^20, got 0"},
      {"polysketch:sketch=hadamard,size=24", {}, "got 24 (take 16 or 32)"},
      {"polysketch:sketch=given", {}, "sketch=given needs the sketches, got none (give them, or"},
      {"polysketch:sketch=external",
       {},
       "q of sketch=external must be sketches of size 32, got width 8 (say size=8)"},
      {"polysketch:epsilon=-1", {}, "spec: epsilon must be at least 0, got -1"},
      {"polysketch:local_block=16", {}, "local blocks are of causal attention, got local_block 16"},
      {"softmax",
       {"--sequence-starts", "0,50"},
       "sequence_starts must go from 0 to the number of tokens, 100, got 0 to 50 (the first token"},
      {"softmax",
       {"--sequence-starts", "0,60,50,100"},
       "sequence_starts must not fall, got 60 and then 50 (put them in order)"},
      {"softmax", {"--sequence-starts", "0,x"}, "--sequence-starts"},
  };
  for (const Case& one : cases) expect_refusal(2, arguments(one.method, one.more), {one.part});
  expect_refusal(
      2,
      {"attend", "--compare", "--backward", "--lengths", "64", "--methods", "polynomial:epsilon=0"},
      {"backward: epsilon must be positive, got 0"});
  made("q.npy", {2, 1, 10, 8}, 1);
  made("k.npy", {2, 1, 10, 8}, 2);
  made("v.npy", {2, 1, 10, 8}, 3);
  expect_refusal(2, arguments("softmax", {"--sequence-starts", "0,10"}),
                 {"with sequence_starts batch must be 1, got 2 (lay the sequences one after"});
}

TEST_F(AttendRefuses, NumbersThatAreNoneByFileAndToken) {
  made("q.npy", {2, 4, 10, 3}, 1);
  made("k.npy", {2, 2, 10, 3}, 2);
  FloatArray v = made("v.npy", {2, 2, 10, 5}, 3);
  v.values[((1 * 2 + 0) * 10 + 7) * 5 + 4] = std::numeric_limits<float>::quiet_NaN();
  io::save_npy(path("v.npy"), v);
  for (const std::string method : {"softmax", "polysketch"})
    expect_refusal(2, arguments(method),
                   {"attend: v.npy: numbers must be finite as float32, got nan at batch 1, head 0, "
                    "token 7, column 4 (drop the token or put a number)"});
  made("k.npy", {10, 4}, 2);
  made("v.npy", {10, 4}, 2);
  Matrix<double> wide(10, 8);
  wide(3, 7) = -1e300;  // heads side by side, of doubles
  io::save_npy(path("q.npy"), wide.view());
  expect_refusal(2, arguments("softmax", {"--heads", "2"}),
                 {"attend: q.npy: numbers must be finite as float32, got -inf at batch 0, head 1, "
                  "token 3, column 3"});
}

TEST_F(AttendRefuses, FilesThatAreNone) {
  make_head();
  write("k.npy", "no array");
  expect_refusal(3, arguments("softmax"), {"k.npy"});
  std::filesystem::remove(path("k.npy"));
  expect_refusal(5, arguments("softmax"), {"k.npy"});
}

TEST_F(AttendRefuses, ToCompareMoreTokensThanThereAre) {
  make_head();
  expect_refusal(2,
                 {"attend", "--compare", "--q", "q.npy", "--k", "k.npy", "--v", "v.npy",
                  "--lengths", "64,128"},
                 {"--lengths must be at most the number of tokens, 100, got 128"});
}

}  // namespace
}  // namespace prodigest::cli
