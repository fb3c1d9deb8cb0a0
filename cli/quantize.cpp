// prodigest quantize: a matrix into lattice codes.

#include <fmt/format.h>

#include "commands.hpp"
#include "digest_output.hpp"
#include "input.hpp"
#include "method_options.hpp"
#include "prodigest/base/error.hpp"
#include "quantizing.hpp"
#include "vectors.hpp"

namespace prodigest::cli {
namespace {

struct Quantize {
  Session session;
  InputOptions input;
  MethodOptions method;
  DigestOutput output;
  std::string path;
  bool vectors = false;

  lattice::LatticeSpec spec() const;
  void run() const;
};

lattice::LatticeSpec Quantize::spec() const {
  const digest::DigestSpec spec = method.spec();
  if (const auto* const codes = std::get_if<lattice::LatticeSpec>(&spec)) return *codes;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("quantize: expected --method lattice:format=NAME, got {} (prodigest "
                          "sketch makes samples and linear sketches)",
                          method.text()));
}

void Quantize::run() const {
  const lattice::LatticeSpec how = spec();
  const io::ReadOptions reading = input.read_options();
  if (vectors) check_vector_options(reading);
  output.check(session);
  check_not_overwritten(path, output.path);
  output.write(session, "quantize",
               quantized(open_input(path, reading, session),
                         vectors ? FileRows::kVectors : FileRows::kRows, how, path, session),
               path);
}

constexpr char kHelp[] =
    R"(A matrix into lattice codes: every entry in 2 to 8 bits

Example: prodigest quantize weights.npy -o weights.pdg
         prodigest quantize documents.npy --vectors -o documents.pdg

The columns are coded one by one, down the rows: each is turned by a random rotation that the seed
gives, cut into blocks of 8, and each block becomes a point of the lattice E8. Products of two codes,
or of codes and a matrix, come with a standard deviation for every entry: prodigest product. What the
codes say of the matrix itself: prodigest decode. All sides of a product need the same rows and seed;
formats may differ. With a key, rows are put in the order of their ids. The matrix is read into memory.

With --vectors each row of the file is a vector that is coded as a column; a block is in memory at a
time. Take it for embeddings and keys, whose products are the inner products of the vectors.

Formats, bits an entry and squared error of a product against the least there is:
  F4       4.25    1.6   the default; decodes to 8-bit integers
  F4pair   4.1875  1.6   slower to make
  F4fast   4.25    1.9   decoded faster
  F3       3.25    1.5
  F2       2       1.6
  I8       8             nearly exact
  intB groupB lloydB     B bits an entry as others have it, to compare with: the largest entry of a
                         column at the last level; a scale for each 32; levels for normal entries
Options: size=K codes K coordinates of each column only, for less than 2 bits an entry;
rotation=hadamard | none; centre=yes | no: means kept apart; gain=auto | unbiased | mmse | plain.
Where few entries of a column matter, as in one-hot columns, a rotation does harm: groupB has none.
A remark says so when the file begins like that.)";

}  // namespace

void add_quantize(CLI::App& app) {
  auto* const command = app.add_subcommand("quantize", kHelp);
  const auto quantize = std::make_shared<Quantize>();
  command->add_option("matrix", quantize->path, "The matrix, or - for CSV on stdin")
      ->required()
      ->type_name("FILE");
  quantize->output.add_options(*command);
  quantize->method.add_options(*command, "lattice:format=F4",
                               "Coordinates to code, instead of size= in --method");
  quantize->method.add_short_form("--format",
                                  "lattice:format=", "Instead of --method lattice:format=NAME");
  command->add_flag("--vectors", quantize->vectors,
                    "A row of the file is a vector, a column of the matrix");
  quantize->input.add_options(*command);
  quantize->session.add_options(*command);
  command->callback([=] { quantize->run(); });
}

}  // namespace prodigest::cli
