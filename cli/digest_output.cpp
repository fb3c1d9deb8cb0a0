#include "digest_output.hpp"

#include <fmt/format.h>

#include "codes_report.hpp"
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
std::string rows_text(const lattice::LatticeCodes& codes) {
  return fmt::format("{} rows", count_text(codes.rows()));
}

void put_size(Json& fields, const sampling::RowSample& sample) {
  fields["kept_rows"] = sample.size();
}
void put_size(Json& fields, const linear::LinearSketch& sketch) {
  fields["sketch_rows"] = sketch.size();
}
void put_size(Json& fields, const lattice::LatticeCodes& codes) {
  fields["coded_coordinates"] = codes.size();
}

}  // namespace

void DigestOutput::add_options(CLI::App& command) {
  command.add_option("-o,--output", path, "The digest (.pdg), or - for stdout")
      ->required()
      ->type_name("FILE");
}

void check_stdout(const std::string& output, const Session& session) {
  if (output == "-" && session.json)
    throw Error(ErrorCode::kInvalidArgument,
                "-o - and --json both take stdout (leave one out, or write to a file)");
}

std::string shown_path(const std::string& output) { return output == "-" ? "<stdout>" : output; }

void DigestOutput::check(const Session& session) const { check_stdout(path, session); }

void DigestOutput::write(const Session& session, const std::string& command,
                         const digest::Digest& digest,
                         const std::optional<std::string>& input) const {
  const std::vector<std::byte> bytes = digest::to_bytes(digest);
  io::write_file(path, bytes);

  std::string text = fmt::format("{}: {}, {} columns, {}", shown_path(path),
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
  if (const auto* const codes = std::get_if<lattice::LatticeCodes>(&digest)) {
    const double bits = bits_on_disk(*codes, bytes.size()), error = relative_error(*codes);
    fields["bits_per_entry"] = bits;
    fields["relative_error"] = error;
    text += fmt::format(", {:.3g} bits an entry, relative error {}", bits, percent_text(error));
  }
  print(session, command, fields, text);
}

void DigestOutput::print(const Session& session, const std::string& command, const Json& fields,
                         const std::string& text) const {
  path == "-" ? session.say(text) : session.print(command, fields, text + "\n");
}

}  // namespace prodigest::cli
