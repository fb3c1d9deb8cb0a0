// prodigest sketch: a matrix into a digest.

#include <fmt/format.h>

#include "commands.hpp"
#include "digest_output.hpp"
#include "input.hpp"
#include "io/memory_rows.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/npy.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "unique_rows.hpp"

namespace prodigest::cli {
namespace {

struct Sketch {
  Session session;
  InputOptions input;
  DigestOutput output;
  std::string path, method = "priority:size=1024", weights;
  Index size = 0;
  std::uint64_t seed = 0;
  bool seed_given = false, unique = false;

  sampling::SampleSpec spec() const;
  sampling::RowSample sample(Input& matrix) const;
  void run() const;
};

sampling::SampleSpec Sketch::spec() const {
  std::string text = method;
  const auto put = [&](std::string_view key, std::uint64_t value) {
    if (text.find(fmt::format("{}=", key)) != std::string::npos)
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("sketch: {} is given both in --method {} and as --{} (give it once)", key, method, key));
    text += fmt::format("{}{}={}", text.find(':') == std::string::npos ? ':' : ',', key, value);
  };
  if (size > 0) put("size", static_cast<std::uint64_t>(size));
  if (seed_given) put("seed", seed);
  return sampling::parse_sample_spec(text);
}

sampling::RowSample Sketch::sample(Input& matrix) const {
  const Context context = session.context(path);
  if (weights.empty()) return sampling::sample_rows(*matrix.reader, spec(), matrix.schema, context);

  const std::vector<double> all = io::load_npy_vector(weights);
  sampling::RowSampler sampler(spec(), matrix.reader->cols(), matrix.schema);
  io::RowBlock block;
  std::size_t done = 0;
  std::vector<RowId> ids;
  while (matrix.reader->next(block)) {
    const auto rows = static_cast<std::size_t>(rows_of(block.rows));
    if (done + rows > all.size())
      throw Error(ErrorCode::kInvalidArgument, fmt::format("{}: {} weights for more rows than that in {}", weights, all.size(), path));
    sampler.update(block.rows, io::row_ids_of(block, ids), std::span(all).subspan(done, rows), context);
    done += rows;
  }
  if (done < all.size())
    throw Error(ErrorCode::kInvalidArgument, fmt::format("{}: {} weights for {} rows in {}", weights, all.size(), done, path));
  return std::move(sampler).finish();
}

void Sketch::run() const {
  // What cannot work is refused before a long file is opened.
  const bool user_weights = spec().weight == sampling::Weight::kUser;
  if (user_weights != !weights.empty())
    throw Error(ErrorCode::kInvalidArgument,
                user_weights ? "sketch: weight=user needs the weights (give --weights FILE.npy)"
                             : "sketch: --weights goes with a method of weight=user, got " + method);
  output.check(session);
  check_not_overwritten(path, output.path);
  Input matrix = open_input(path, input.read_options(), session);
  if (unique) matrix.reader = std::make_unique<UniqueRows>(std::move(matrix.reader));
  output.write(session, "sketch", sample(matrix), path);
}

}  // namespace

void add_sketch(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "sketch", "Digest a matrix\n\nExample: prodigest sketch sizes.csv.gz --key package --method priority:size=1000 -o sizes.pdg\n\n"
                "Reads .npy .npz .mtx .svm .csv .tsv, each also .gz, and - (csv); rows meet by key, or by number.\n"
                "Methods: priority:size=K, threshold:size=K[,tau=plain], each with weight=squared_norm | norm | uniform |\n"
                "leverage | ridge_leverage,ridge=L | user, mixture=0.5, totals=none | norm | full.");
  const auto sketch = std::make_shared<Sketch>();
  command->add_option("matrix", sketch->path, "The matrix, or - for CSV on stdin")->required()->type_name("FILE");
  sketch->output.add_options(*command);
  command->add_option("-m,--method", sketch->method, "How to digest")->capture_default_str()->type_name("SPEC");
  add_whole_number(*command, "-k,--size", sketch->size, "Rows to keep, instead of size= in --method", Index{1});
  auto* const seed = add_whole_number(*command, "--seed", sketch->seed, "The same on all sides of a product (default 0)");
  command->add_option("--weights", sketch->weights, "Weight of each row, a .npy vector, for weight=user")->type_name("FILE");
  command->add_flag("--unique-check", sketch->unique, "Refuse a repeated key; takes memory for every key");
  sketch->input.add_options(*command);
  sketch->session.add_options(*command);
  command->callback([=] {
    sketch->seed_given = seed->count() > 0;
    if (sketch->size > 0 && command->count("--method") == 0) sketch->method = "priority";
    sketch->run();
  });
}

}  // namespace prodigest::cli
