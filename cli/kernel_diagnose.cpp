// prodigest kernel diagnose: is a kernel matrix one that sampling pays for?

#include <fmt/format.h>

#include <span>

#include "input.hpp"
#include "kernel_commands.hpp"
#include "kernel_diagnosis.hpp"
#include "kernel_points.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/write_file.hpp"

namespace prodigest::cli {
namespace {

constexpr char kWhere[] = "kernel diagnose";

struct Diagnose {
  Session session;
  kernel::DiagnoseOptions options{.bandwidth = 0};
  std::string queries, keys, table, prefixes, picture;

  void check_options() const;
  HeadDiagnoses diagnoses() const;
  void run() const;
};

void Diagnose::check_options() const {
  const auto refuse = [](const char* rule) {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", kWhere, rule));
  };
  if (options.attention && options.bandwidth != 0)
    refuse("of attention the bandwidth follows from --scale (leave --bandwidth out)");
  if (!options.attention && options.bandwidth == 0)
    refuse("--bandwidth is required (or --attention)");
  if (!options.attention && options.scale != 0) refuse("--scale is of --attention");
  if (options.attention && queries.empty()) refuse("--attention needs --queries and --keys");
  for (const std::string& input : {queries, keys})
    for (const std::string& output : {table, prefixes, picture})
      check_not_overwritten(input, output, "points");
}

HeadDiagnoses Diagnose::diagnoses() const {
  const PointSets k = load_points(kWhere, keys, 4),
                  q = queries.empty() ? k : load_points(kWhere, queries, 4);
  check_as_many(kWhere, q, k);
  Context context = session.context("kernel");
  context.progress = nullptr;
  HeadDiagnoses made{k.layers(), k.heads(), {}};
  for (Index layer = 0; layer < made.layers; ++layer)
    for (Index head = 0; head < made.heads; ++head)
      made.all.push_back(kernel::diagnose(q.at(layer, head), k.at(layer, head), options, context));
  if (made.all.empty())
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}: there are no heads", kWhere, keys));
  return made;
}

void write_text(const std::string& path, const std::string& text) {
  if (!path.empty()) io::write_file(path, std::as_bytes(std::span(text)));
}

void Diagnose::run() const {
  check_options();
  const HeadDiagnoses made = diagnoses();
  write_text(table, heads_csv(made));
  write_text(prefixes, prefixes_csv(made));
  write_text(picture, diagnoses_svg(made));
  session.print(kWhere, diagnoses_json(made), diagnoses_text(made));
}

}  // namespace

void add_kernel_diagnose(CLI::App& kernel) {
  auto* const command = kernel.add_subcommand(
      "diagnose",
      "Whether sampling pays for a kernel matrix\n\nExample: prodigest kernel diagnose "
      "--attention --queries q.npy --keys k.npy -o heads.csv --svg heads.svg\n\n"
      "The sum of all but the n largest entries over that of the n largest, for the first n "
      "points, and what follows. Arrays are N x D, heads x N x D or layers x heads x N x D, N at "
      "most 8192.");
  const auto diagnose = std::make_shared<Diagnose>();
  command->add_option("--keys", diagnose->keys, "Points (.npy)")->type_name("FILE")->required();
  command->add_option("--queries", diagnose->queries, "As many other points (default: the keys)")
      ->type_name("FILE");
  command->add_option("--bandwidth", diagnose->options.bandwidth, "Of the kernel")->type_name("X");
  command->add_flag("--attention", diagnose->options.attention,
                    "Points are queries and keys of attention, made points of a Gaussian kernel as "
                    "by Lemma 4.1");
  command
      ->add_option("--scale", diagnose->options.scale,
                   "Of <q, k> in attention (default: 1 / sqrt(D))")
      ->type_name("X");
  add_whole_number(*command, "--first", diagnose->options.first, "Smallest n", Index{1});
  add_whole_number(*command, "--step", diagnose->options.step,
                   "From one n to the next (default: about 50 of them)", Index{1});
  command->add_option("-o,--output", diagnose->table, "A line for each head (.csv)")
      ->type_name("FILE");
  command->add_option("--prefixes", diagnose->prefixes, "A line for each n of each head (.csv)")
      ->type_name("FILE");
  command->add_option("--svg", diagnose->picture, "A heat map of layers and heads")
      ->type_name("FILE");
  diagnose->session.add_options(*command);
  command->callback([=] { diagnose->run(); });
}

}  // namespace prodigest::cli
