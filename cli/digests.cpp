// prodigest merge, truncate and info: digests in, digests or facts out.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "commands.hpp"
#include "digest_output.hpp"
#include "input.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/sampling/merge.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "session.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

using sampling::RowSample;

struct Merge {
  Session session;
  std::vector<std::string> inputs;
  DigestOutput output;

  void run() const {
    output.check(session);
    // One at a time: the memory is that of two digests, however many there are.
    RowSample sum = sampling::load_row_sample(inputs[0]);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      try {
        sum = sampling::merge(sum, sampling::load_row_sample(inputs[i]));
      } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{} and {}: {}", i == 1 ? inputs[0] : "the digests before", inputs[i], error.what()));
      }
    }
    output.write(session, "merge", sum);
  }
};

struct Truncate {
  Session session;
  std::string input;
  DigestOutput output;
  Index size = 0;

  void run() const {
    output.check(session);
    output.write(session, "truncate", sampling::truncate(sampling::load_row_sample(input), size));
  }
};

struct Info {
  Session session;
  std::string input;
  bool check = false;

  void run() const;
};

void Info::run() const {
  const io::Container file = io::Container::open(input);
  const RowSample digest = sampling::row_sample_from(file);
  const auto& totals = digest.totals();
  const double norm = std::sqrt(digest.squared_norm().value_or(INFINITY));
  Index certain = 0, entries = 0;
  for (Index i = 0; i < digest.size(); ++i) certain += digest.inclusion(i) == 1;
  std::visit([&](const auto& rows) {
    if constexpr (requires { rows.columns; }) entries = rows.row_start[rows.rows];
    else entries = rows.rows * rows.cols;
  }, digest.values());
  const std::optional<std::uint64_t> size = file_bytes(input);
  const bool sparse = digest.values().index() >= 2;

  Json fields = {{"file", input}, {"kind", file.kind()}, {"writer", file.writer()}, {"bytes", size ? Json(*size) : Json(nullptr)},
                 {"spec", to_text(digest.spec())}, {"seed", digest.spec().seed.value}, {"rows", digest.rows()},
                 {"cols", digest.cols()}, {"kept_rows", digest.size()}, {"certain_rows", certain}, {"entries", entries},
                 {"layout", sparse ? "csr" : "dense"}, {"value_type", digest.single_precision() ? "f32" : "f64"},
                 {"tau", or_null(digest.tau())}, {"complete", digest.complete()}, {"frobenius_norm", or_null(norm)},
                 {"key", digest.schema().key}, {"columns", digest.schema().columns}};
  if (digest.spec().totals != sampling::Totals::kNone) fields["nonzero_rows"] = totals.nonzero_rows;
  if (!digest.schema().words.empty()) fields["words"] = digest.schema().words;
  if (check) fields["check"] = "ok";

  const auto& names = digest.schema().columns;
  std::vector<std::vector<std::string>> table;
  const auto put = [&](const char* name, std::string value) { table.push_back({name, std::move(value)}); };
  std::string text = fmt::format("{}: {}{}, by {}\n", input, file.kind(), size ? ", " + bytes_text(*size) : "", file.writer());
  put("spec", to_text(digest.spec()));
  put("matrix", fmt::format("{} x {}", count_text(digest.rows()), count_text(digest.cols())));
  if (digest.spec().totals != sampling::Totals::kNone) {
    put("rows that are not zero", count_text(totals.nonzero_rows));
    put("Frobenius norm", number_text(norm));
  }
  put("rows kept", fmt::format("{}, {} of them for certain", count_text(digest.size()), count_text(certain)));
  put("entries kept", fmt::format("{} {} ({})", count_text(entries), digest.single_precision() ? "float" : "double", sparse ? "sparse" : "dense"));
  put("tau", digest.complete() ? "infinite: every row is here" : number_text(digest.tau()));
  put("key", digest.schema().key.empty() ? "row number" : fmt::format("{}", fmt::join(digest.schema().key, ", ")));
  if (!names.empty())
    put("columns", fmt::format("{}{}", fmt::join(std::span(names).first(std::min<std::size_t>(names.size(), 8)), ", "), names.size() > 8 ? ", ..." : ""));
  // Facts read best with the values to the left.
  std::size_t width = 0;
  for (const auto& row : table) width = std::max(width, row[0].size());
  for (const auto& row : table) text += fmt::format("  {:<{}}  {}\n", row[0], width, row[1]);
  if (check) text += "check: ok, layout, checksums and contents are sound\n";
  session.print("info", fields, text);
}

}  // namespace

void add_merge(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "merge", "Digests of parts of a matrix into the digest of the whole\n\nExample: prodigest merge monday.pdg tuesday.pdg -o week.pdg\n\n"
               "Byte for byte the digest of the whole, in whatever order. Parts that share a row are refused.");
  const auto merge = std::make_shared<Merge>();
  command->add_option("digests", merge->inputs, "Digests with one spec and disjoint rows")->required()->type_name("FILE");
  merge->output.add_options(*command);
  merge->session.add_options(*command);
  command->callback([=] { merge->run(); });
}

void add_truncate(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "truncate", "A smaller digest from a digest\n\nExample: prodigest truncate big.pdg -k 100 -o small.pdg\n\n"
                  "Byte for byte the digest that a sketch of that size makes.");
  const auto truncate = std::make_shared<Truncate>();
  command->add_option("digest", truncate->input, "The digest, or - for stdin")->required()->type_name("FILE");
  add_whole_number(*command, "-k,--size", truncate->size, "Rows to keep", Index{1})->required();
  truncate->output.add_options(*command);
  truncate->session.add_options(*command);
  command->callback([=] { truncate->run(); });
}

void add_info(CLI::App& app) {
  auto* const command = app.add_subcommand("info", "What a digest holds\n\nExample: prodigest info sizes.pdg --check");
  const auto info = std::make_shared<Info>();
  command->add_option("digest", info->input, "The digest, or - for stdin")->required()->type_name("FILE");
  command->add_flag("--check", info->check, "Say so if it is sound (a damaged file is always refused, exit code 3)");
  info->session.add_options(*command);
  command->callback([=] { info->run(); });
}

}  // namespace prodigest::cli
