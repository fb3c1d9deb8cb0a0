// prodigest sketch: a matrix into a digest.

#include <fmt/format.h>

#include "commands.hpp"
#include "digest_output.hpp"
#include "input.hpp"
#include "io/memory_rows.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/io/npy.hpp"
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

  digest::DigestSpec spec() const;
  void check(const digest::DigestSpec& spec) const;
  sampling::RowSample sample_by_weights(Input& matrix, const sampling::SampleSpec& spec) const;
  void run() const;
};

digest::DigestSpec Sketch::spec() const {
  if (method.substr(0, method.find(':')) == "auto")
    throw Error(ErrorCode::kInvalidArgument,
                "sketch: --method auto: one matrix alone cannot tell which digest suits a product "
                "(run prodigest compare A B --method auto, on the two matrices or on two samples "
                "of them)");
  std::string text = method;
  const auto put = [&](std::string_view key, std::uint64_t value) {
    if (text.find(fmt::format("{}=", key)) != std::string::npos)
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("sketch: {} is given both in --method {} and as --{} (give it once)",
                              key, method, key));
    text += fmt::format("{}{}={}", text.find(':') == std::string::npos ? ':' : ',', key, value);
  };
  if (size > 0) put("size", static_cast<std::uint64_t>(size));
  if (seed_given) put("seed", seed);
  return digest::parse_digest_spec(text);
}

// What cannot work is refused before a long file is opened.
void Sketch::check(const digest::DigestSpec& spec) const {
  const auto* const sample = std::get_if<sampling::SampleSpec>(&spec);
  const bool user_weights = sample != nullptr && sample->weight == sampling::Weight::kUser;
  if (user_weights != !weights.empty())
    throw Error(ErrorCode::kInvalidArgument,
                user_weights
                    ? "sketch: weight=user needs the weights (give --weights FILE.npy)"
                    : "sketch: --weights goes with a method of weight=user, got " + method);
  if (unique && sample == nullptr &&
      std::get<linear::LinearSpec>(spec).rows == linear::RowUpdates::kParts)
    throw Error(ErrorCode::kInvalidArgument,
                "sketch: rows=parts adds up the rows of a key that repeats, --unique-check refuses "
                "them (leave one out)");
  output.check(session);
  check_not_overwritten(path, output.path);
}

sampling::RowSample Sketch::sample_by_weights(Input& matrix,
                                              const sampling::SampleSpec& spec) const {
  const Context context = session.context(path);
  const std::vector<double> all = io::load_npy_vector(weights);
  sampling::RowSampler sampler(spec, matrix.reader->cols(), matrix.schema);
  io::RowBlock block;
  std::size_t done = 0;
  std::vector<RowId> ids;
  while (matrix.reader->next(block)) {
    const auto rows = static_cast<std::size_t>(rows_of(block.rows));
    if (done + rows > all.size())
      throw Error(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: {} weights for more rows than that in {}", weights, all.size(), path));
    sampler.update(block.rows, io::row_ids_of(block, ids), std::span(all).subspan(done, rows),
                   context);
    done += rows;
  }
  if (done < all.size())
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} weights for {} rows in {}", weights, all.size(), done, path));
  return std::move(sampler).finish();
}

void Sketch::run() const {
  const digest::DigestSpec how = spec();
  check(how);
  Input matrix = open_input(path, input.read_options(), session);
  if (unique) matrix.reader = std::make_unique<UniqueRows>(std::move(matrix.reader));
  const digest::Digest made =
      weights.empty() ? digest::sketch(*matrix.reader, how, matrix.schema, session.context(path))
                      : sample_by_weights(matrix, std::get<sampling::SampleSpec>(how));
  output.write(session, "sketch", made, path);
}

constexpr char kHelp[] =
    R"(Digest a matrix

Example: prodigest sketch sizes.csv.gz --key package --method priority:size=1000 -o sizes.pdg

Reads .npy .npz .mtx .svm .csv .tsv, each also .gz, and - (csv); rows meet by key, or by number.
Digests meet if they were made by one family, samples or linear sketches, and with one seed;
linear sketches also need one method and size.

Samples keep some of the rows as they are:
  priority     exactly size rows, heavy ones more likely: the default; sparse rows stay small
  threshold    about size rows, each kept on its own: for simpler statistics
  Options: weight=squared_norm | norm | uniform | leverage | ridge_leverage,ridge=L | user,
  mixture=C, totals=none | norm | full | gram, threshold: tau=adaptive | plain.
  For regressions take weight=leverage,mixture=0.5.

Linear sketches keep size sums of rows, each with random signs or factors:
  countsketch  each row goes into one sum: the fastest; for streams of updates
  osnap        each row goes into nonzeros=8 of them: errs alike, five times as slow
  srht         by a Hadamard matrix: for rows numbered from 0; errs less if size is much of the rows
  sign         each row goes into all of them, with signs: errs like countsketch, far slower
  gaussian     the same with normal factors: the textbook's, the slowest
  Options: rows=whole | parts, values=f64 | f32, osnap: nonzeros=S, srht: length=N, the same on
  both sides (default: the rows counted).

A table in which a key repeats, such as a list of updates, is digested by a linear sketch with
rows=parts, as in --method countsketch:size=1000,rows=parts: rows of one key are added up. merge
adds further updates, subtract takes them away. Samples need each row whole.)";

}  // namespace

void add_sketch(CLI::App& app) {
  auto* const command = app.add_subcommand("sketch", kHelp);
  const auto sketch = std::make_shared<Sketch>();
  command->add_option("matrix", sketch->path, "The matrix, or - for CSV on stdin")
      ->required()
      ->type_name("FILE");
  sketch->output.add_options(*command);
  command->add_option("-m,--method", sketch->method, "How to digest")
      ->capture_default_str()
      ->type_name("SPEC");
  add_whole_number(*command, "-k,--size", sketch->size,
                   "Rows of the digest, instead of size= in --method", Index{1});
  auto* const seed = add_whole_number(*command, "--seed", sketch->seed,
                                      "The same on all sides of a product (default 0)");
  command
      ->add_option("--weights", sketch->weights,
                   "Weight of each row, a .npy vector, for weight=user")
      ->type_name("FILE");
  command->add_flag("--unique-check", sketch->unique,
                    "Refuse a repeated key; takes memory for every key");
  sketch->input.add_options(*command);
  sketch->session.add_options(*command);
  command->callback([=] {
    sketch->seed_given = seed->count() > 0;
    if (sketch->size > 0 && command->count("--method") == 0) sketch->method = "priority";
    sketch->run();
  });
}

}  // namespace prodigest::cli
