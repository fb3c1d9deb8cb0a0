// prodigest subtract: what one linear sketch has more than another.

#include <fmt/format.h>

#include "commands.hpp"
#include "digest_kind.hpp"
#include "digest_output.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/linear/merge.hpp"
#include "session.hpp"

namespace prodigest::cli {
namespace {

linear::LinearSketch load_linear(const std::string& path) {
  digest::Digest digest = digest::load(path);
  if (auto* const sketch = std::get_if<linear::LinearSketch>(&digest)) return std::move(*sketch);
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("subtract: {}: expected a linear sketch, got {}, {} ({}; sketch with "
                          "--method countsketch:size=K)",
                          path, kind_of(digest), digest::to_text(digest::spec_of(digest)),
                          std::holds_alternative<sampling::RowSample>(digest)
                              ? "a sample holds few rows and cannot tell which of them a "
                                "difference would hold"
                              : "a difference would have to be coded again"));
}

struct Subtract {
  Session session;
  std::string a, b;
  DigestOutput output;

  void run() const {
    output.check(session);
    output.write(session, "subtract", subtract(load_linear(a), load_linear(b)));
  }
};

}  // namespace

void add_subtract(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "subtract",
      "The sketch of A - B from linear sketches of A and B\n\n"
      "Example: prodigest subtract today.pdg yesterday.pdg -o change.pdg\n\n"
      "Rows of one key are subtracted; a key that only one side has keeps its row. The result has "
      "rows=parts, since\n"
      "what is left of a row is not known.");
  const auto subtract = std::make_shared<Subtract>();
  command->add_option("a", subtract->a, "Linear sketch of A")->required()->type_name("FILE");
  command->add_option("b", subtract->b, "Linear sketch of B, of the same method and seed")
      ->required()
      ->type_name("FILE");
  subtract->output.add_options(*command);
  subtract->session.add_options(*command);
  command->callback([=] { subtract->run(); });
}

}  // namespace prodigest::cli
