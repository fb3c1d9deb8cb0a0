// prodigest decode: the matrix as its lattice codes know it.

#include <fmt/format.h>

#include "commands.hpp"
#include "digest_kind.hpp"
#include "digest_output.hpp"
#include "input.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/npy.hpp"
#include "session.hpp"
#include "text.hpp"
#include "vectors.hpp"

namespace prodigest::cli {
namespace {

struct Decode {
  Session session;
  std::string input, output;
  bool vectors = false;

  void run() const;
};

lattice::LatticeCodes load_codes(const std::string& path) {
  digest::Digest digest = digest::load(path);
  if (auto* const codes = std::get_if<lattice::LatticeCodes>(&digest)) return std::move(*codes);
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("decode: {}: expected lattice codes, got {}, {}, which does not hold the "
                          "matrix (make codes with prodigest quantize)",
                          path, kind_of(digest), digest::to_text(digest::spec_of(digest))));
}

void Decode::run() const {
  check_stdout(output, session);
  check_not_overwritten(input, output, "codes");
  const lattice::LatticeCodes codes = load_codes(input);
  Matrix<float> matrix = decode(codes, session.context(input));
  if (vectors) matrix = transposed(matrix);
  io::save_npy(output, matrix.view());

  if (!codes.schema().key.empty())
    session.remark(
        fmt::format("{}: rows are in the order of their ids, not of the file that was "
                    "coded",
                    input));
  const std::string text = fmt::format("{}: {} x {} float", shown_path(output),
                                       count_text(matrix.rows), count_text(matrix.cols));
  const Json fields = {{"output", output},
                       {"spec", to_text(codes.spec())},
                       {"rows", matrix.rows},
                       {"cols", matrix.cols}};
  output == "-" ? session.say(text) : session.print("decode", fields, text + "\n");
}

}  // namespace

void add_decode(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "decode",
      "The matrix as its lattice codes know it\n\nExample: prodigest decode weights.pdg -o "
      "weights.npy\n\n"
      "Writes float numbers; info tells how far they err. For products take prodigest product, "
      "which works on the\n"
      "codes and knows the error of each entry.");
  const auto decode = std::make_shared<Decode>();
  command->add_option("codes", decode->input, "What prodigest quantize made, or - for stdin")
      ->required()
      ->type_name("FILE");
  command->add_option("-o,--output", decode->output, "The matrix (.npy), or - for stdout")
      ->required()
      ->type_name("FILE");
  command->add_flag("--vectors", decode->vectors,
                    "Write a column of the matrix as a row, as quantize --vectors read it");
  decode->session.add_options(*command);
  command->callback([=] { decode->run(); });
}

}  // namespace prodigest::cli
