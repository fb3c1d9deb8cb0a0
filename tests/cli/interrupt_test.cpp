// Ctrl-C ends a run soon, leaves nothing behind and is seen by the shell.

#include <csignal>

#include "cli/run_prodigest.hpp"
#include "cli/tables.hpp"

namespace prodigest::cli {
namespace {

using Interrupt = Command;

constexpr int kInterrupted = 128 + SIGINT;

TEST_F(Interrupt, EndsALongSketchAndLeavesNoFile) {
  const auto running = start({"sketch", "-", "--key", "id", "-o", "x.pdg"});
  ASSERT_TRUE(running->feed("id,x,y\n"));
  int first = 0;
  for (; first < 200'000; first += 10'000) ASSERT_TRUE(running->feed(table_rows(first, 10'000)));
  running->interrupt();
  // The input goes on until nobody reads it.
  while (running->feed(table_rows(first, 10'000))) ASSERT_LT(first += 10'000, 50'000'000);
  const Outcome outcome = running->finish();
  EXPECT_EQ(outcome.exit_code, kInterrupted);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(Interrupt, EndsALongQuantizeOfRowsAndOfVectors) {
  std::string lines = "x,y,z\n";
  for (int i = 0; i < 10'000; ++i) lines += "1,-2,3\n";
  for (const bool vectors : {false, true}) {
    std::vector<std::string> words = {"quantize", "-", "-o", "x.pdg"};
    if (vectors) words.push_back("--vectors");
    const auto running = start(words);
    ASSERT_TRUE(running->feed(lines));
    running->interrupt();
    const std::string more = lines.substr(lines.find('\n') + 1);
    for (int blocks = 0; running->feed(more); ++blocks) ASSERT_LT(blocks, 5'000);
    const Outcome outcome = running->finish();
    EXPECT_EQ(outcome.exit_code, kInterrupted) << vectors;
    EXPECT_EQ(files(), std::vector<std::string>{});
  }
}

TEST_F(Interrupt, EndsASketchThatWaitsForItsInput) {
  const auto running = start({"sketch", "-", "--key", "id", "-o", "x.pdg"});
  ASSERT_TRUE(running->feed(table(0, 10)));
  running->wait_until_read();
  running->interrupt();
  const Outcome outcome = running->wait();
  EXPECT_EQ(outcome.exit_code, kInterrupted);
  EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(Interrupt, LeavesAnOlderDigestAsItWas) {
  write("x.pdg", "old");
  const auto running = start({"sketch", "-", "--key", "id", "-o", "x.pdg"});
  ASSERT_TRUE(running->feed(table(0, 10)));
  running->wait_until_read();
  running->interrupt();
  running->interrupt();  // a second one ends it at once
  EXPECT_EQ(running->wait().exit_code, kInterrupted);
  EXPECT_EQ(read("x.pdg"), "old");
  EXPECT_EQ(files(), std::vector<std::string>{"x.pdg"});
}

}  // namespace
}  // namespace prodigest::cli
