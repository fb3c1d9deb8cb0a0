// prodigest info: what a digest holds.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "codes_report.hpp"
#include "commands.hpp"
#include "digest_norm.hpp"
#include "facts.hpp"
#include "input.hpp"
#include "prodigest/coding/rate_distortion.hpp"
#include "prodigest/digest/digest.hpp"
#include "session.hpp"
#include "kernel_report.hpp"
#include "state_report.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

constexpr std::size_t kNamesShown = 8;

Index stored_entries(const RowsView& rows) {
  return std::visit(
      [](const auto& r) {
        if constexpr (requires { r.columns; })
          return r.row_start[r.rows];
        else
          return r.rows * r.cols;
      },
      rows);
}

// Of the codes, scales of blocks and all; norms and noises come to 10 bytes a row.
double coded_bits(const sampling::RowSample& sample) {
  const sampling::CodedRows& coded = *sample.parts().coded;
  Index entries = 0;
  for (const Index size : coded.sizes) entries += size;
  return entries == 0 ? 0
                      : 8 * static_cast<double>(coded.codes.size()) / static_cast<double>(entries);
}

void tell(Facts& facts, const sampling::RowSample& sample, std::optional<std::uint64_t>) {
  const bool totals = sample.spec().totals != sampling::Totals::kNone;
  const double norm = norm_of(sample).value;
  const bool sparse = sample.values().index() >= 2;
  const Index entries = stored_entries(sample.values());
  Index certain = 0;
  for (Index i = 0; i < sample.size(); ++i) certain += sample.inclusion(i) == 1;

  facts.fields.update({{"kept_rows", sample.size()},
                       {"certain_rows", certain},
                       {"entries", entries},
                       {"layout", sparse ? "csr" : "dense"},
                       {"value_type", sample.single_precision() ? "f32" : "f64"},
                       {"tau", or_null(sample.tau())},
                       {"complete", sample.complete()},
                       {"frobenius_norm", or_null(norm)}});
  facts.put("matrix", fmt::format("{} x {}", count_text(sample.rows()), count_text(sample.cols())));
  if (totals) {
    facts.fields["nonzero_rows"] = sample.totals().nonzero_rows;
    facts.put("rows that are not zero", count_text(sample.totals().nonzero_rows));
    facts.put("Frobenius norm", number_text(norm));
  }
  facts.put("rows kept", fmt::format("{}, {} of them for certain", count_text(sample.size()),
                                     count_text(certain)));
  facts.put("entries kept", fmt::format("{} {} ({})", count_text(entries),
                                        sample.single_precision() ? "float" : "double",
                                        sparse ? "sparse" : "dense"));
  if (const auto& values = sample.spec().values) {
    facts.fields["values"] = coding::to_text(*values);
    facts.fields["value_bits"] = coded_bits(sample);
    facts.put("values coded", fmt::format("{}, {:.3g} bits an entry", coding::to_text(*values),
                                          coded_bits(sample)));
  }
  facts.put("tau", sample.complete() ? "infinite: every row is here" : number_text(sample.tau()));
}

void tell(Facts& facts, const linear::LinearSketch& sketch, std::optional<std::uint64_t>) {
  const std::string spec = to_text(sketch.spec()), method = spec.substr(0, spec.find(':'));
  const bool parts = sketch.spec().rows == linear::RowUpdates::kParts;
  const DigestNorm norm = norm_of(sketch);

  facts.fields.update({{"operator", method},
                       {"sketch_rows", sketch.size()},
                       {"row_updates", parts ? "parts" : "whole"},
                       {"value_type", sketch.spec().single ? "f32" : "f64"},
                       {"frobenius_norm", or_null(norm.value)},
                       {"norm_estimated", norm.estimated}});
  facts.put("operator", method);
  facts.put("matrix",
            fmt::format("{} {} x {}", count_text(sketch.rows()),
                        parts ? "rows or parts of rows" : "rows", count_text(sketch.cols())));
  facts.put("sketch",
            fmt::format("{} x {} {}", count_text(sketch.size()), count_text(sketch.cols()),
                        sketch.spec().single ? "float" : "double"));
  facts.put("Frobenius norm",
            number_text(norm.value) + (norm.estimated ? ", estimated from the sketch" : ""));
}

std::string word_of(coding::Gain gain) {
  switch (gain) {
    case coding::Gain::kMmse:
      return "mmse";
    case coding::Gain::kPlain:
      return "plain";
    default:
      return "unbiased";
  }
}

void tell(Facts& facts, const lattice::LatticeCodes& codes, std::optional<std::uint64_t> bytes) {
  const lattice::LatticeSpec& spec = codes.spec();
  const std::string format = coding::to_text(spec.coding);
  const double format_bits = coding::bits_per_entry(spec.coding), bits = codes.bits_per_entry();
  const double limit = coding::gamma(bits), error = product_error(codes);
  const DigestNorm norm = norm_of(codes);
  const bool rotated = spec.rotation == lattice::Rotation::kHadamard;

  facts.fields.update(
      {{"format", format},
       {"format_bits", format_bits},
       {"bits_per_entry", bytes ? Json(bits_on_disk(codes, *bytes)) : Json(nullptr)},
       {"bits_without_names", bits},
       {"rotation", rotated ? "hadamard" : "none"},
       {"gain", word_of(spec.gain)},
       {"centred", spec.centre},
       {"coded_coordinates", codes.size()},
       {"relative_error", relative_error(codes)},
       {"product_error", error},
       {"limit", limit},
       {"above_limit", or_null(error / limit)},
       {"frobenius_norm", or_null(norm.value)},
       {"norm_estimated", norm.estimated}});
  facts.put("matrix", fmt::format("{} x {}", count_text(codes.rows()), count_text(codes.cols())));
  facts.put("format", fmt::format("{}, {:.5g} bits an entry", format, format_bits));
  facts.put("with means and scales", fmt::format("{:.4g} bits an entry", bits));
  if (bytes)
    facts.put("with all of the file",
              fmt::format("{:.4g} bits an entry", bits_on_disk(codes, *bytes)));
  facts.put("rotation", rotated ? "hadamard" : "none");
  facts.put("means", spec.centre ? "kept apart" : "coded with the rest");
  facts.put("gain", word_of(spec.gain));
  facts.put("coordinates coded",
            fmt::format("{} of {}", count_text(codes.size()), count_text(codes.rows())));
  facts.put("Frobenius norm",
            number_text(norm.value) + (norm.estimated ? ", estimated from the codes" : ""));
  facts.put("relative error", percent_text(relative_error(codes)) + " of a column");
  facts.put("squared error of a product",
            fmt::format("{} |A|²|B|²/n, {:.3g} times the least that {:.3g} bits can reach",
                        number_text(error), error / limit, bits));
}

void tell(Facts& facts, const digest::Digest& digest, std::optional<std::uint64_t> bytes) {
  const Schema& schema = digest::schema_of(digest);
  const std::string spec = digest::to_text(digest::spec_of(digest));
  const std::uint64_t seed = std::visit([](const auto& d) { return d.spec().seed.value; }, digest);
  facts.fields.update({{"spec", spec},
                       {"seed", seed},
                       {"rows", digest::rows_of(digest)},
                       {"cols", digest::cols_of(digest)}});
  facts.put("spec", spec);
  std::visit([&](const auto& d) { tell(facts, d, bytes); }, digest);

  facts.fields.update({{"key", schema.key}, {"columns", schema.columns}});
  if (!schema.words.empty()) facts.fields["words"] = schema.words;
  if (schema.presence) facts.fields["presence"] = true;
  facts.put("key",
            schema.key.empty() ? "row number" : fmt::format("{}", fmt::join(schema.key, ", ")));
  const std::span names(schema.columns);
  if (!names.empty())
    facts.put("columns",
              fmt::format("{}{}", fmt::join(names.first(std::min(names.size(), kNamesShown)), ", "),
                          names.size() > kNamesShown ? ", ..." : ""));
}

struct Info {
  Session session;
  std::string input;
  bool check = false;

  void run() const;
};

void Info::run() const {
  const io::Container file = io::Container::open(input);
  const std::optional<std::uint64_t> size = file_bytes(input);

  Facts facts;
  facts.fields = {{"file", input},
                  {"kind", file.kind()},
                  {"writer", file.writer()},
                  {"bytes", size ? Json(*size) : Json(nullptr)}};
  if (file.kind() == attention::kAttentionStateKind)
    tell(facts, attention::attention_state_from(file));
  else if (file.kind() == kernel::kGaussianOperatorKind)
    tell(facts, kernel::gaussian_operator_from(file));
  else
    tell(facts, digest::digest_from(file), size);
  if (check) facts.fields["check"] = "ok";
  session.print("info", facts.fields,
                fmt::format("{}: {}{}, by {}\n{}{}", input, file.kind(),
                            size ? ", " + bytes_text(*size) : "", file.writer(), facts.text(),
                            check ? "check: ok, layout, checksums and contents are sound\n" : ""));
}

}  // namespace

void add_info(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "info", "What a digest holds\n\nExample: prodigest info sizes.pdg --check");
  const auto info = std::make_shared<Info>();
  command->add_option("digest", info->input, "The digest, or - for stdin")
      ->required()
      ->type_name("FILE");
  command->add_flag("--check", info->check,
                    "Say so if it is sound (a damaged file is always refused, exit code 3)");
  info->session.add_options(*command);
  command->callback([=] { info->run(); });
}

}  // namespace prodigest::cli
