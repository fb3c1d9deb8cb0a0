// prodigest merge: digests of parts into the digest of the whole.

#include <fmt/format.h>

#include <array>

#include "commands.hpp"
#include "digest_output.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "session.hpp"

namespace prodigest::cli {
namespace {

struct Merge {
  Session session;
  std::vector<std::string> inputs;
  DigestOutput output;

  void run() const {
    output.check(session);
    // One at a time: the memory is that of a few digests, however many there are.
    digest::Digest sum = digest::load(inputs[0]);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      const std::array pair = {std::move(sum), digest::load(inputs[i])};
      try {
        sum = digest::merge(pair);
      } catch (const Error& error) {
        throw Error(error.code(),
                    fmt::format("{} and {}: {}", i == 1 ? inputs[0] : "the digests before",
                                inputs[i], error.what()));
      }
    }
    output.write(session, "merge", sum);
  }
};

}  // namespace

void add_merge(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "merge",
      "Digests of parts of a matrix into the digest of the whole\n\n"
      "Example: prodigest merge monday.pdg tuesday.pdg -o week.pdg\n\n"
      "Samples: byte for byte the digest of the whole, in whatever order; parts that share a row "
      "are refused.\n"
      "Linear sketches are added up: parts must share no row, unless they were made with "
      "rows=parts, whose rows of\n"
      "one key are added.");
  const auto merge = std::make_shared<Merge>();
  command->add_option("digests", merge->inputs, "Digests with one spec and disjoint rows")
      ->required()
      ->type_name("FILE");
  merge->output.add_options(*command);
  merge->session.add_options(*command);
  command->callback([=] { merge->run(); });
}

}  // namespace prodigest::cli
