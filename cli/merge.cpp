// prodigest merge: digests of parts into the digest of the whole.

#include <fmt/format.h>

#include <array>

#include "commands.hpp"
#include "digest_output.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "session.hpp"
#include "state_report.hpp"

namespace prodigest::cli {
namespace {

struct Merge {
  Session session;
  std::vector<std::string> inputs;
  DigestOutput output;

  void run() const;

 private:
  // The first one and, one at a time, the others: the memory is that of a few, however many there
  // are.
  auto merged(const io::Container& first, const auto& read, const auto& add) const {
    auto sum = read(first);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      auto next = read(io::Container::open(inputs[i]));
      try {
        add(sum, std::move(next));
      } catch (const Error& error) {
        throw Error(error.code(),
                    fmt::format("{} and {}: {}", i == 1 ? inputs[0] : "the digests before",
                                inputs[i], error.what()));
      }
    }
    return sum;
  }
};

void Merge::run() const {
  output.check(session);
  const io::Container first = io::Container::open(inputs[0]);
  if (first.kind() == attention::kAttentionStateKind) {
    const auto state = merged(first, attention::attention_state_from,
                              [](auto& sum, const auto& next) { sum.merge(next); });
    const WrittenState written = write_state(output.path, state);
    return output.print(session, "merge", written.fields, written.text);
  }
  output.write(session, "merge", merged(first, digest::digest_from, [](auto& sum, auto next) {
                 sum = digest::merge(std::array{std::move(sum), std::move(next)});
               }));
}

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
      "one key are added.\n"
      "States of attend --state-out: those of the pieces of a sequence, in the order of its "
      "tokens.");
  const auto merge = std::make_shared<Merge>();
  command->add_option("digests", merge->inputs, "Digests with one spec and disjoint rows")
      ->required()
      ->type_name("FILE");
  merge->output.add_options(*command);
  merge->session.add_options(*command);
  command->callback([=] { merge->run(); });
}

}  // namespace prodigest::cli
