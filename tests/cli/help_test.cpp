// What a person reads who does not know the command yet, or mistypes it.

#include <fmt/format.h>

#include "cli/run_prodigest.hpp"
#include "prodigest/base/version.hpp"
#include "prodigest/digest/digest.hpp"

namespace prodigest::cli {
namespace {

using Help = Command;

const std::vector<std::string> kSubcommands = {
    "sketch",  "quantize", "decode", "merge",  "subtract", "truncate", "info",
    "product", "regress",  "plan",   "attend", "kernel",   "demo"};

TEST_F(Help, OfTheWholeBeginsWithAnExampleAndListsEverySubcommandOnALine) {
  const Outcome help = run_well({"--help"});
  EXPECT_EQ(help.err, "");
  EXPECT_TRUE(help.out.starts_with("Example: prodigest sketch ")) << help.out;
  for (const std::string& name : kSubcommands)
    EXPECT_NE(help.out.find("\n  " + name + "  "), std::string::npos) << name;
  EXPECT_EQ(help.out.find("Example", 1), std::string::npos) << help.out;
}

TEST_F(Help, OfEverySubcommandBeginsWithWhatItDoesAndAnExample) {
  for (const std::string& name : kSubcommands) {
    const Outcome help = run_well({name, "--help"});
    EXPECT_EQ(help.err, "");
    const std::size_t example = help.out.find("\n\nExample: prodigest " + name + " ");
    EXPECT_LT(example, help.out.find("Usage: ")) << help.out;
    EXPECT_GT(example, 10u);
    EXPECT_LT(example, help.out.find('\n') + 1) << "one line, then the example: " << help.out;
    EXPECT_EQ(run_well({name, "-h"}).out, help.out);
  }
}

TEST_F(Help, ShowsTheWordsThatAnOptionTakes) {
  const std::string help = run_well({"sketch", "--help"}).out;
  EXPECT_NE(help.find("--key-as typed|text "), std::string::npos) << help;
  EXPECT_NE(help.find("--missing error|zero|drop "), std::string::npos) << help;
  EXPECT_EQ(help.find("ENUM"), std::string::npos) << help;
}

TEST_F(Help, OfSketchHasALineForEveryMethod) {
  const std::string help = run_well({"sketch", "--help"}).out;
  for (const std::string_view method : digest::method_names())
    EXPECT_NE(help.find(fmt::format("\n  {:<11}  ", method)), std::string::npos) << method;
  EXPECT_NE(help.find("--method countsketch:size=1000,rows=parts"), std::string::npos) << help;
}

TEST_F(Help, OfQuantizeHasALineForEveryFormat) {
  const std::string help = run_well({"quantize", "--help"}).out;
  for (const char* const format : {"F4", "F4pair", "F4fast", "F3", "F2", "I8"})
    EXPECT_NE(help.find(fmt::format("\n  {:<7}  ", format)), std::string::npos) << format;
  for (const char* const format : {"intB", "groupB", "lloydB"})
    EXPECT_NE(help.find(format), std::string::npos) << format;
}

TEST_F(Help, OfRegressHasALineForEveryEstimator) {
  const std::string help = run_well({"regress", "--help"}).out;
  for (const char* const estimator : {"joint", "single", "gram", "sketch"})
    EXPECT_NE(help.find(fmt::format("\n  {:<6}   ", estimator)), std::string::npos) << estimator;
  EXPECT_NE(help.find("--no-intercept  "), std::string::npos) << help;
}

TEST_F(Help, VersionIsThatOfTheLibrary) {
  EXPECT_EQ(run_well({"--version"}).out, std::string("prodigest ") + kVersion + "\n");
}

TEST_F(Help, NoSubcommandIsExitCode2) {
  expect_refusal(2, {}, {"expected a subcommand: sketch, quantize", "prodigest --help tells more"});
}

TEST_F(Help, AnUnknownSubcommandSuggestsTheNearest) {
  expect_refusal(2, {"skech", "a.csv", "-o", "a.pdg"},
                 {"no subcommand \"skech\"", "nearest is \"sketch\""});
  expect_refusal(2, {"trunkate"}, {"nearest is \"truncate\""});
  expect_refusal(2, {"frobnicate"}, {"no subcommand \"frobnicate\"", "sketch, quantize"});
}

TEST_F(Help, AnUnknownOptionSuggestsTheNearest) {
  expect_refusal(2, {"sketch", "a.csv", "--kye", "id", "-o", "a.pdg"},
                 {"sketch: no option \"--kye\"; nearest is \"--key\"", "prodigest sketch --help"});
  expect_refusal(2, {"sketch", "a.csv", "--sead=7", "-o", "a.pdg"}, {"nearest is \"--seed\""});
  expect_refusal(2, {"product", "a.pdg", "b.pdg", "--zzzzzzzz"}, {"no option \"--zzzzzzzz\"\n"});
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(Help, AMisspeltOptionIsNamedBeforeWhatIsMissingBecauseOfIt) {
  expect_refusal(2, {"sketch", "a.csv", "--ouput", "a.pdg"}, {"nearest is \"--output\""});
}

TEST_F(Help, NamesWhatIsMissing) {
  expect_refusal(2, {"sketch", "a.csv"}, {"sketch: --output is required"});
  expect_refusal(2, {"sketch", "-o", "a.pdg"}, {"sketch: matrix is required"});
  expect_refusal(2, {"merge", "-o", "a.pdg"}, {"merge: digests is required"});
  expect_refusal(2, {"plan"}, {"plan: --epsilon is required"});
  expect_refusal(2, {"product", "a.pdg"}, {"product: b is required"});
}

TEST_F(Help, NamesWhatIsTooMuch) {
  expect_refusal(2, {"info", "a.pdg", "b.pdg"}, {"info: unexpected argument \"b.pdg\""});
}

TEST_F(Help, AValueOfTheWrongKindIsRefusedWithWhatWasExpected) {
  expect_refusal(2, {"sketch", "a.csv", "-o", "a.pdg", "--missing", "nil"},
                 {"--missing: expected error or zero or drop, got \"nil\""});
  expect_refusal(2, {"sketch", "a.csv", "-o", "a.pdg", "--key-as", "1"},
                 {"--key-as: expected typed or text, got \"1\""});
  expect_refusal(2, {"sketch", "a.csv", "-o", "a.pdg", "-k", "many"},
                 {"--size: expected a whole number from 1", "got \"many\""});
  expect_refusal(2, {"sketch", "a.csv", "-o", "a.pdg", "-k", "0"}, {"--size", "got \"0\""});
  expect_refusal(2, {"sketch", "a.csv", "-o", "a.pdg", "--threads", "-2"},
                 {"--threads: expected a whole number from 0 to 1024, got \"-2\""});
  expect_refusal(2, {"sketch", "a.npy", "-o", "a.pdg", "--first-row", "18446744073709551616"},
                 {"--first-row: expected a whole number"});
  expect_refusal(2, {"plan", "--epsilon", "small"}, {"--epsilon = small"});
  expect_refusal(2, {"plan", "--epsilon", "0.1", "--sides", "3"}, {"--sides", "from 1 to 2"});
}

}  // namespace
}  // namespace prodigest::cli
