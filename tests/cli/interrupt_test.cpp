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
