// prodigest sketch: a matrix into a digest.

#include <fmt/format.h>

#include <numeric>

#include "commands.hpp"
#include "input.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/npy.hpp"
#include "prodigest/io/write_file.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "text.hpp"
#include "unique_rows.hpp"

namespace prodigest::cli {
namespace {

struct Sketch {
  Session session;
  InputOptions input;
  std::string path, output, method = "priority:size=1024", weights;
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
    ids.assign(block.row_ids.begin(), block.row_ids.end());
    if (ids.empty()) {
      ids.resize(rows);
      std::iota(ids.begin(), ids.end(), block.first_row);
    }
    sampler.update(block.rows, ids, std::span(all).subspan(done, rows), context);
    done += rows;
  }
  if (done < all.size())
    throw Error(ErrorCode::kInvalidArgument, fmt::format("{}: {} weights for {} rows in {}", weights, all.size(), done, path));
  return std::move(sampler).finish();
}

void Sketch::run() const {
  spec();  // a bad spec is refused before a long file is opened
  Input matrix = open_input(path, input.read_options(), session);
  if (unique) matrix.reader = std::make_unique<UniqueRows>(std::move(matrix.reader));
  const sampling::RowSample digest = sample(matrix);
  const std::vector<std::byte> bytes = sampling::to_bytes(digest);
  io::write_file(output, bytes);

  const std::string text =
      fmt::format("{}: {} of {} rows, {} columns, {} (from {})\n", output, count_text(digest.size()),
                  count_text(digest.rows()), count_text(digest.cols()), bytes_text(bytes.size()), bytes_text(file_bytes(path)));
  if (output == "-") return session.say(text.substr(0, text.size() - 1));
  session.print("sketch",
                {{"output", output}, {"spec", to_text(digest.spec())}, {"rows", digest.rows()},
                 {"cols", digest.cols()}, {"kept_rows", digest.size()}, {"bytes", bytes.size()},
                 {"input_bytes", file_bytes(path)}},
                text);
}

}  // namespace

void add_sketch(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "sketch", "Digest a matrix\n\nExample: prodigest sketch sizes.csv.gz --key package --method priority:size=1000 -o sizes.pdg\n\n"
                "Reads .npy .npz .mtx .svm .csv .tsv, each also .gz, and - (csv); rows meet by key, or by number.\n"
                "Methods: priority:size=K, threshold:size=K[,tau=plain], each with weight=squared_norm | norm | uniform |\n"
                "leverage | ridge_leverage,ridge=L | user, mixture=0.5, totals=none | norm | full.");
  const auto sketch = std::make_shared<Sketch>();
  command->add_option("matrix", sketch->path, "The matrix, or - for CSV on stdin")->required();
  command->add_option("-o,--output", sketch->output, "The digest (.pdg), or - for stdout")->required();
  command->add_option("-m,--method", sketch->method, "How to digest")->capture_default_str();
  command->add_option("-k,--size", sketch->size, "Rows to keep; the same as size= in --method, whose default it replaces")
      ->check(CLI::PositiveNumber);
  auto* const seed = command->add_option("--seed", sketch->seed, "The same on all sides of a product (default 0)");
  command->add_option("--weights", sketch->weights, "Weight of each row, a .npy vector, for weight=user");
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
