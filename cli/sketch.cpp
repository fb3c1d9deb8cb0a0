// prodigest sketch: a matrix into a digest.

#include <fmt/format.h>

#include "commands.hpp"
#include "digest_output.hpp"
#include "input.hpp"
#include "io/memory_rows.hpp"
#include "method_options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/io/npy.hpp"
#include "prodigest/sampling/sampler.hpp"
#include "quantizing.hpp"
#include "unique_rows.hpp"

namespace prodigest::cli {
namespace {

struct Sketch {
  Session session;
  InputOptions input;
  MethodOptions method;
  DigestOutput output;
  std::string path, weights;
  bool unique = false;

  digest::DigestSpec spec() const;
  void check(const digest::DigestSpec& spec) const;
  sampling::RowSample sample_by_weights(Input& matrix, const sampling::SampleSpec& spec) const;
  digest::Digest digest_of(Input matrix, const digest::DigestSpec& spec) const;
  void run() const;
};

digest::DigestSpec Sketch::spec() const {
  if (method.text().substr(0, method.text().find(':')) == "auto")
    throw Error(ErrorCode::kInvalidArgument,
                "sketch: --method auto: one matrix alone cannot tell which digest suits a product "
                "(run prodigest compare A B --method auto, on the two matrices or on two samples "
                "of them)");
  return method.spec();
}

// What cannot work is refused before a long file is opened.
void Sketch::check(const digest::DigestSpec& spec) const {
  const auto* const sample = std::get_if<sampling::SampleSpec>(&spec);
  const bool user_weights = sample != nullptr && sample->weight == sampling::Weight::kUser;
  if (user_weights != !weights.empty())
    throw Error(ErrorCode::kInvalidArgument,
                user_weights
                    ? "sketch: weight=user needs the weights (give --weights FILE.npy)"
                    : "sketch: --weights goes with a method of weight=user, got " + method.text());
  const auto* const sketch = std::get_if<linear::LinearSpec>(&spec);
  if (unique && sketch != nullptr && sketch->rows == linear::RowUpdates::kParts)
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

digest::Digest Sketch::digest_of(Input matrix, const digest::DigestSpec& spec) const {
  if (const auto* const codes = std::get_if<lattice::LatticeSpec>(&spec))
    return quantized(std::move(matrix), FileRows::kRows, *codes, path, session);
  if (!weights.empty()) return sample_by_weights(matrix, std::get<sampling::SampleSpec>(spec));
  return digest::sketch(*matrix.reader, spec, matrix.schema, session.context(path));
}

void Sketch::run() const {
  const digest::DigestSpec how = spec();
  check(how);
  Input matrix = open_input(path, input.read_options(), session);
  if (unique) matrix.reader = std::make_unique<UniqueRows>(std::move(matrix.reader));
  output.write(session, "sketch", digest_of(std::move(matrix), how), path);
}

constexpr char kHelp[] =
    R"(Digest a matrix

Example: prodigest sketch sizes.csv.gz --key package --method priority:size=1000 -o sizes.pdg

Reads .npy .npz .mtx .svm .csv .tsv, each also .gz, and - (csv); rows meet by key, or by number.
Digests meet if they were made by one family, samples or linear sketches or lattice codes, and with
one seed; linear sketches also need one method and size, lattice codes the same rows.

Samples keep some of the rows as they are:
  priority     exactly size rows, heavy ones more likely: the default; sparse rows stay small
  threshold    about size rows, each kept on its own: for simpler statistics
  Options: weight=squared_norm | norm | uniform | leverage | ridge_leverage,ridge=L | user,
  mixture=C, totals=none | norm | full | gram, threshold: tau=adaptive | plain,
  values=lattice:F4: the rows in 4.25 bits an entry, so that six times as many fit.
  For regressions take weight=leverage,mixture=0.5.

Linear sketches keep size sums of rows, each with random signs or factors:
  countsketch  each row goes into one sum: the fastest; for streams of updates
  osnap        each row goes into nonzeros=8 of them: errs alike, five times as slow
  srht         by a Hadamard matrix: for rows numbered from 0; errs less if size is much of the rows
  sign         each row goes into all of them, with signs: errs like countsketch, far slower
  gaussian     the same with normal factors: the textbook's, the slowest
  Options: rows=whole | parts, values=f64 | f32, osnap: nonzeros=S, srht: length=N, the same on
  both sides (default: the rows counted).

Lattice codes keep every entry, in a few bits, for products of dense matrices:
  lattice      the columns coded one by one, format=F4 | F3 | F2 | ...: see prodigest quantize

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
  sketch->method.add_options(*command, "priority:size=1024",
                             "Rows of the digest, instead of size= in --method");
  command
      ->add_option("--weights", sketch->weights,
                   "Weight of each row, a .npy vector, for weight=user")
      ->type_name("FILE");
  command->add_flag("--unique-check", sketch->unique,
                    "Refuse a repeated key; takes memory for every key");
  sketch->input.add_options(*command);
  sketch->session.add_options(*command);
  command->callback([=] { sketch->run(); });
}

}  // namespace prodigest::cli
