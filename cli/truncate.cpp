// prodigest truncate: a smaller sample from a sample.

#include <fmt/format.h>

#include "commands.hpp"
#include "digest_kind.hpp"
#include "digest_output.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/sampling/merge.hpp"
#include "session.hpp"

namespace prodigest::cli {
namespace {

struct Truncate {
  Session session;
  std::string input;
  DigestOutput output;
  Index size = 0;

  void run() const {
    output.check(session);
    const digest::Digest digest = digest::load(input);
    const auto* const sample = std::get_if<sampling::RowSample>(&digest);
    if (sample == nullptr)
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("truncate: {}: expected a sample, got {}, {}; nothing else can be "
                              "made smaller afterwards ({})",
                              input, kind_of(digest), digest::to_text(digest::spec_of(digest)),
                              std::holds_alternative<lattice::LatticeCodes>(digest)
                                  ? "quantize again, with a format of fewer bits"
                                  : fmt::format("sketch again with -k {}", size)));
    output.write(session, "truncate", sampling::truncate(*sample, size));
  }
};

}  // namespace

void add_truncate(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "truncate",
      "A smaller sample from a sample\n\nExample: prodigest truncate big.pdg -k 100 -o "
      "small.pdg\n\n"
      "Byte for byte the digest that a sketch of that size makes. For priority and threshold.");
  const auto truncate = std::make_shared<Truncate>();
  command->add_option("digest", truncate->input, "The digest, or - for stdin")
      ->required()
      ->type_name("FILE");
  add_whole_number(*command, "-k,--size", truncate->size, "Rows to keep", Index{1})->required();
  truncate->output.add_options(*command);
  truncate->session.add_options(*command);
  command->callback([=] { truncate->run(); });
}

}  // namespace prodigest::cli
