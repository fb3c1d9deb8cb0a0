// prodigest plan: how many rows an accuracy takes.

#include <fmt/format.h>

#include "commands.hpp"
#include "options.hpp"
#include "prodigest/sampling/plan.hpp"
#include "session.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

struct Plan {
  Session session;
  double epsilon = 0, delta = 0.05;
  int sides = 2;

  void run() const {
    const Index size = sampling::plan(epsilon, delta, sides);
    const Index expected = sampling::expected_size(epsilon, sides);
    session.print(
        "plan", {{"epsilon", epsilon}, {"delta", delta}, {"sides", sides}, {"size", size}, {"expected_size", expected}},
        fmt::format("{} rows: ||W - AᵀB|| <= {:g} ||A|| ||B|| with probability {:g}, whatever the matrices\n"
                    "{} rows: the same as a root mean square error\n",
                    count_text(size), epsilon, 1 - delta, count_text(expected)));
  }
};

}  // namespace

void add_plan(CLI::App& app) {
  auto* const command = app.add_subcommand("plan", "How many rows an accuracy takes\n\nExample: prodigest plan --epsilon 0.1 --delta 0.05");
  const auto plan = std::make_shared<Plan>();
  command->add_option("--epsilon", plan->epsilon, "Error as a share of ||A|| ||B||")->required()->type_name("SHARE");
  command->add_option("--delta", plan->delta, "Probability of a larger error")->type_name("P")->capture_default_str();
  add_whole_number(*command, "--sides", plan->sides, "2: both matrices are digested, 1: one is at hand in full", 1, 2);
  plan->session.add_options(*command);
  command->callback([=] { plan->run(); });
}

}  // namespace prodigest::cli
