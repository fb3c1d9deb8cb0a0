#include "digest_output.hpp"

#include <fmt/format.h>

#include "input.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/write_file.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

// What became of the rows.
std::string rows_text(const sampling::RowSample& sample) {
  return fmt::format("{} of {} rows", count_text(sample.size()), count_text(sample.rows()));
}
std::string rows_text(const linear::LinearSketch& sketch) {
  return fmt::format(
      "{} {} into {}", count_text(sketch.rows()),
      sketch.spec().rows == linear::RowUpdates::kParts ? "rows or parts of rows" : "rows",
      count_text(sketch.size()));
}

void put_size(Json& fields, const sampling::RowSample& sample) {
  fields["kept_rows"] = sample.size();
}
void put_size(Json& fields, const linear::LinearSketch& sketch) {
  fields["sketch_rows"] = sketch.size();
}

}  // namespace

void DigestOutput::add_options(CLI::App& command) {
  command.add_option("-o,--output", path, "The digest (.pdg), or - for stdout")
      ->required()
      ->type_name("FILE");
}

void DigestOutput::check(const Session& session) const {
  if (path == "-" && session.json)
    throw Error(ErrorCode::kInvalidArgument,
                "-o - and --json both take stdout (leave one out, or write the digest to a file)");
}

void DigestOutput::write(const Session& session, const std::string& command,
                         const digest::Digest& digest,
                         const std::optional<std::string>& input) const {
  const std::vector<std::byte> bytes = digest::to_bytes(digest);
  io::write_file(path, bytes);

  std::string text = fmt::format("{}: {}, {} columns, {}", path == "-" ? "<stdout>" : path,
                                 std::visit([](const auto& d) { return rows_text(d); }, digest),
                                 count_text(digest::cols_of(digest)), bytes_text(bytes.size()));
  Json fields = {{"output", path},
                 {"spec", digest::to_text(digest::spec_of(digest))},
                 {"rows", digest::rows_of(digest)},
                 {"cols", digest::cols_of(digest)}};
  std::visit([&](const auto& d) { put_size(fields, d); }, digest);
  fields["bytes"] = bytes.size();
  if (input) {
    const std::optional<std::uint64_t> size = file_bytes(*input);
    fields["input_bytes"] = size ? Json(*size) : Json(nullptr);
    if (size) text += fmt::format(" (from {})", bytes_text(*size));
  }
  path == "-" ? session.say(text) : session.print(command, fields, text + "\n");
}

}  // namespace prodigest::cli
