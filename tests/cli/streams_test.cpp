// Results on stdout, talk on stderr, "-" for either end: what pipelines and scripts rely on.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"

namespace prodigest::cli {
namespace {

class Streams : public Command {
 protected:
  Streams() {
    write("t.csv", table(0, 300));
    run_well({"sketch", "t.csv", "--key", "id", "-k", "50", "-o", "t.pdg"});
  }
};

TEST_F(Streams, JsonIsOneObjectWithASchemaAndTheCommand) {
  write("u.csv", table(300, 100));
  run_well({"sketch", "u.csv", "--key", "id", "-k", "50", "-o", "u.pdg"});
  run_well({"sketch", "t.csv", "--key", "id", "-m", "countsketch:size=64", "-o", "l.pdg"});
  run_well({"quantize", "t.csv", "--key", "id", "-o", "c.pdg"});
  const std::vector<std::vector<std::string>> commands = {
      {"sketch", "t.csv", "--key", "id", "-o", "x.pdg"},
      {"merge", "t.pdg", "u.pdg", "-o", "x.pdg"},
      {"truncate", "t.pdg", "-k", "9", "-o", "x.pdg"},
      {"info", "t.pdg"},
      {"info", "t.pdg", "--check"},
      {"product", "t.pdg", "t.pdg"},
      {"subtract", "l.pdg", "l.pdg", "-o", "x.pdg"},
      {"info", "l.pdg"},
      {"quantize", "t.csv", "--key", "id", "-o", "x.pdg", "-q"},
      {"decode", "c.pdg", "-o", "x.npy", "-q"},
      {"info", "c.pdg"},
      {"product", "c.pdg", "c.pdg"},
      {"product", "l.pdg", "l.pdg"},
      {"regress", "t.pdg", "u.pdg", "--target", "y", "-q"},
      {"plan", "--epsilon", "0.1"}};
  for (std::vector<std::string> words : commands) {
    const std::string command = words[0];
    words.push_back("--json");
    const Outcome outcome = run_well(words);
    const auto json = outcome.json();
    EXPECT_EQ(json.at("schema"), 1) << command;
    EXPECT_EQ(json.at("command"), command);
    EXPECT_EQ(outcome.err, "") << command;
  }
}

TEST_F(Streams, JsonTellsWhatADigestHolds) {
  const auto made =
      run_well({"sketch", "t.csv", "--key", "id", "-k", "50", "-o", "x.pdg", "--json"}).json();
  EXPECT_EQ(made.at("output"), "x.pdg");
  EXPECT_EQ(made.at("spec"), "priority:size=50,seed=0");
  EXPECT_EQ(made.at("rows"), 300);
  EXPECT_EQ(made.at("cols"), 2);
  EXPECT_EQ(made.at("kept_rows"), 50);
  EXPECT_EQ(made.at("bytes"), read("x.pdg").size());
  EXPECT_EQ(made.at("input_bytes"), read("t.csv").size());

  const auto info = run_well({"info", "x.pdg", "--check", "--json"}).json();
  EXPECT_EQ(info.at("kind"), "row_sample");
  EXPECT_EQ(info.at("spec"), "priority:size=50,seed=0");
  EXPECT_EQ(info.at("seed"), 0);
  EXPECT_EQ(info.at("rows"), 300);
  EXPECT_EQ(info.at("cols"), 2);
  EXPECT_EQ(info.at("kept_rows"), 50);
  EXPECT_EQ(info.at("entries"), 100);
  EXPECT_EQ(info.at("complete"), false);
  EXPECT_EQ(info.at("key"), nlohmann::json{"id"});
  EXPECT_EQ(info.at("columns"), (nlohmann::json{"x", "y"}));
  EXPECT_EQ(info.at("bytes"), read("x.pdg").size());
  EXPECT_EQ(info.at("check"), "ok");
}

TEST_F(Streams, JsonStaysJsonWhereFileNamesAreNotUtf8) {
  const auto json = run_well({"sketch", "t.csv", "--key", "id", "-o", "\xe9.pdg", "--json"}).json();
  EXPECT_EQ(json.at("output"), "\xef\xbf\xbd.pdg");
  EXPECT_EQ(digest("\xe9.pdg").rows(), 300);
}

TEST_F(Streams, NothingIsOnStderrWhenAllIsWellAndNobodyLooks) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"sketch", "t.csv", "--key", "id", "-o", "x.pdg"},
                                             {"sketch", "t.csv", "--key", "id", "-o", "-"},
                                             {"truncate", "t.pdg", "-k", "9", "-o", "-"},
                                             {"info", "t.pdg"},
                                             {"product", "t.pdg", "t.pdg"}})
    EXPECT_EQ(run_well(words).err, "") << words[0];
}

TEST_F(Streams, ATextColumnThatIsLeftOutIsRemarkedOnStderrUnlessQuiet) {
  const Outcome outcome = run_well({"sketch", "t.csv", "-o", "x.pdg", "--json"});
  EXPECT_EQ(outcome.err, "t.csv: column \"id\" is text: left out\n");
  outcome.json();
  EXPECT_EQ(run_well({"sketch", "t.csv", "-o", "x.pdg", "-q"}).err, "");
}

TEST_F(Streams, QuietDoesNotSilenceErrors) {
  expect_refusal(5, {"info", "none.pdg", "-q"}, {"none.pdg"});
}

TEST_F(Streams, TalkAppearsOnATerminalOnlyAndNotIfQuiet) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0) GTEST_SKIP() << "no terminal can be opened here (is /dev/pts mounted?)";
  ::close(terminal);
  const std::vector<std::string> words = {"sketch", "t.csv", "--key", "id", "-o", "-"};
  const Outcome seen = start(words, Stderr::kTerminal)->finish();
  EXPECT_EQ(seen.exit_code, 0);
  EXPECT_NE(seen.err.find("<stdout>: 300 of 300 rows"), std::string::npos) << seen.err;
  std::vector<std::string> quiet = words;
  quiet.push_back("--quiet");
  const Outcome unseen = start(quiet, Stderr::kTerminal)->finish();
  EXPECT_EQ(unseen.err, "");
  EXPECT_EQ(unseen.out, seen.out);
}

TEST_F(Streams, CsvOnStdinGivesTheBytesThatTheFileGives) {
  run_well({"sketch", "-", "--key", "id", "-k", "50", "-o", "x.pdg"}, read("t.csv"));
  EXPECT_EQ(read("x.pdg"), read("t.pdg"));
  const auto json =
      run_well({"sketch", "-", "--key", "id", "-o", "x.pdg", "--json"}, read("t.csv")).json();
  EXPECT_TRUE(json.at("input_bytes").is_null());
}

TEST_F(Streams, ADigestOnStdoutHasTheBytesOfTheFile) {
  EXPECT_EQ(run_well({"sketch", "t.csv", "--key", "id", "-k", "50", "-o", "-"}).out, read("t.pdg"));
}

TEST_F(Streams, ADigestIsReadFromStdin) {
  run_well({"truncate", "t.pdg", "-k", "9", "-o", "x.pdg"});
  EXPECT_EQ(run_well({"truncate", "-", "-k", "9", "-o", "-"}, read("t.pdg")).out, read("x.pdg"));
  const auto json = run_well({"info", "-", "--json"}, read("t.pdg")).json();
  EXPECT_EQ(json.at("kept_rows"), 50);
  EXPECT_TRUE(json.at("bytes").is_null());
}

TEST_F(Streams, APipelineDoesWhatFilesDo) {
  const Outcome outcome = shell(
      "prodigest sketch - --key id -k 50 -o - < t.csv | prodigest truncate - -k 9 -o - > x.pdg");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  run_well({"sketch", "t.csv", "--key", "id", "-k", "9", "-o", "y.pdg"});
  EXPECT_EQ(read("x.pdg"), read("y.pdg"));
}

TEST_F(Streams, ADigestAndJsonCannotShareStdout) {
  expect_refusal(2, {"sketch", "t.csv", "--key", "id", "-o", "-", "--json"}, {"stdout"});
  expect_refusal(2, {"truncate", "t.pdg", "-k", "9", "-o", "-", "--json"}, {"stdout"});
  expect_refusal(2, {"merge", "t.pdg", "-o", "-", "--json"}, {"stdout"});
}

TEST_F(Streams, APipeIsNotReadTwiceButTheMeanThatAFileGaveWillDo) {
  const auto sketch = [](const std::string& input, const std::string& output,
                         const std::string& method) {
    return std::vector<std::string>{"sketch", input,    "--key", "id",  "-o",
                                    output,   "--json", "-m",    method};
  };
  const std::string mixture = "priority:size=50,mixture=0.5";
  const std::string spec = run_well(sketch("t.csv", "x.pdg", mixture)).json().at("spec");
  EXPECT_TRUE(spec.starts_with("priority:size=50,seed=0,mixture=0.5,mean=")) << spec;
  expect_refusal(3, sketch("-", "y.pdg", mixture),
                 {"pipe can be read only once", "save it to a file"}, read("t.csv"));
  run_well(sketch("-", "y.pdg", spec), read("t.csv"));
  EXPECT_EQ(read("y.pdg"), read("x.pdg"));
}

}  // namespace
}  // namespace prodigest::cli
