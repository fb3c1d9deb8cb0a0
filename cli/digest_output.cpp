#include "digest_output.hpp"

#include <fmt/format.h>

#include "input.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/write_file.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "text.hpp"

namespace prodigest::cli {

void DigestOutput::add_options(CLI::App& command) {
  command.add_option("-o,--output", path, "The digest (.pdg), or - for stdout")->required()->type_name("FILE");
}

void DigestOutput::check(const Session& session) const {
  if (path == "-" && session.json)
    throw Error(ErrorCode::kInvalidArgument, "-o - and --json both take stdout (leave one out, or write the digest to a file)");
}

void DigestOutput::write(const Session& session, const std::string& command, const sampling::RowSample& digest,
                         const std::optional<std::string>& input) const {
  const std::vector<std::byte> bytes = sampling::to_bytes(digest);
  io::write_file(path, bytes);

  std::string text = fmt::format("{}: {} of {} rows, {} columns, {}", path == "-" ? "<stdout>" : path, count_text(digest.size()),
                                 count_text(digest.rows()), count_text(digest.cols()), bytes_text(bytes.size()));
  Json fields = {{"output", path}, {"spec", to_text(digest.spec())}, {"rows", digest.rows()},
                 {"cols", digest.cols()}, {"kept_rows", digest.size()}, {"bytes", bytes.size()}};
  if (input) {
    const std::optional<std::uint64_t> size = file_bytes(*input);
    fields["input_bytes"] = size ? Json(*size) : Json(nullptr);
    if (size) text += fmt::format(" (from {})", bytes_text(*size));
  }
  path == "-" ? session.say(text) : session.print(command, fields, text + "\n");
}

}  // namespace prodigest::cli
