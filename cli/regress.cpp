// prodigest regress: least squares from two digests.

#include "prodigest/regression/regress.hpp"

#include <fmt/format.h>

#include <optional>

#include "commands.hpp"
#include "exact_product.hpp"
#include "input.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/digest/digest.hpp"
#include "prodigest/io/npy.hpp"
#include "regression_report.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

using digest::Digest;
using regression::Estimator;
using regression::Regression;

struct Regress {
  Session session;
  InputOptions input;
  std::string a, b, output;
  regression::RegressionOptions options;
  std::optional<double> require;
  Index top = 20;
  bool no_intercept = false;

  Digest load(const std::string& path) const;
  Digest at_hand(const std::string& path, const Digest& other) const;
  Regression fit() const;
  void run() const;
};

Digest Regress::load(const std::string& path) const {
  Digest digest = digest::load(path);
  if (std::holds_alternative<lattice::LatticeCodes>(digest))
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("regress: {}: expected a sample or a linear sketch, got lattice codes, "
                            "{} (sketch with --method priority:size=K,weight=leverage,mixture=0.5)",
                            path, digest::to_text(digest::spec_of(digest))));
  return digest;
}

// A matrix file as a digest that goes with the other: beside a sample all of its rows.
Digest Regress::at_hand(const std::string& path, const Digest& other) const {
  Input matrix =
      open_input(path, options_beside(digest::schema_of(other), input.read_options()), session);
  if (const auto* const sample = std::get_if<sampling::RowSample>(&other))
    return whole_matrix(std::move(matrix), session, sample->spec().seed);
  return digest::sketch(*matrix.reader, digest::spec_of(other), matrix.schema,
                        session.context(path));
}

Regression Regress::fit() const {
  const Context context = session.context("regress");
  if (is_digest_path(a)) {
    const Digest left = load(a);
    return regress(left, is_digest_path(b) ? load(b) : at_hand(b, left), options, context);
  }
  if (!is_digest_path(b))
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("regress: expected at least one digest (.pdg), got {} and {} (make one "
                            "with prodigest sketch)",
                            a, b));
  const Digest right = load(b);
  return regress(at_hand(a, right), right, options, context);
}

void Regress::run() const {
  for (const std::string& side : {a, b}) check_not_overwritten(side, output);
  const Regression found = fit();
  if (!output.empty()) {
    std::vector<double> values;
    for (const regression::Coefficient& c : found.coefficients) values.push_back(c.value);
    io::save_npy_vector(output, values);
  }
  session.print("regress", regression_json(found, options.confidence),
                regression_text(found, options.confidence, top));
  for (const regression::Warning& warning : found.warnings)
    session.remark("regress: " + warning.message);
  if (!require) return;
  if (const std::string why = shortcoming(found, *require); !why.empty())
    throw TooUncertain{fmt::format("--require {}: {}", *require, why)};
}

constexpr char kHelp[] =
    R"(Least squares from two digests: which columns of A explain a column of B

Example: prodigest regress sizes.pdg prices.pdg --target price

From samples the fit describes the join, the keys that both tables hold. Zero rows count if the
samples were made with weight=uniform or mixture=0.5; the rows that matter most to a fit are kept by
weight=leverage,mixture=0.5. From linear sketches a key that one side lacks is a row of zeros.
One of the two may be a matrix file; it is read into memory.

Estimators:
  joint    least squares on the rows that both samples hold, each weighted by the inverse of its
           chance: the default for samples; exact where the columns explain the target exactly
  single   A'A from the sample of A alone, A'b from both: the source's way;
           its error grows with the target even where A explains it
  gram     A'A exactly, from a sample of A with totals=gram, A'b from both samples
  sketch   least squares on the sketches: the default for linear sketches
All but joint fit a constant only if A was digested with --presence, and count a key that one side
lacks as a row of zeros.

Without --ridge, leave-one-out chooses a penalty that is in proportion to each column's variance.
R² is the share of the target's variance that A explains on rows that the fit has not seen.
Warnings are on stderr, and in the JSON with a word for their kind.)";

}  // namespace

void add_regress(CLI::App& app) {
  auto* const command = app.add_subcommand("regress", kHelp);
  const auto regress = std::make_shared<Regress>();
  regression::RegressionOptions& options = regress->options;
  command->add_option("a", regress->a, "Digest of A (n x d), or A")->required()->type_name("FILE");
  command->add_option("b", regress->b, "Digest of B, which has the target, or B")
      ->required()
      ->type_name("FILE");
  command->add_option("--target", options.target, "Column of B to explain (default: the only one)")
      ->type_name("COLUMN");
  command
      ->add_option("--ridge", options.ridge,
                   "Penalty L of |Ax - b|^2 + L |x|^2 over all rows; 0 for none (default: chosen)")
      ->type_name("L");
  add_choice<Estimator>(*command, "--estimator", options.estimator,
                        "How (default: joint for samples, sketch for linear sketches)",
                        {{"joint", Estimator::kJoint},
                         {"single", Estimator::kSingle},
                         {"gram", Estimator::kGram},
                         {"sketch", Estimator::kSketch}});
  command->add_flag("--no-intercept", regress->no_intercept, "Fit no constant");
  command
      ->add_option("--confidence", options.confidence, "Probability that the interval of R² holds")
      ->type_name("P")
      ->capture_default_str();
  command
      ->add_option("-o,--output", regress->output,
                   "Write the d coefficients (.npy vector), without the constant")
      ->type_name("FILE");
  command
      ->add_option("--require", regress->require,
                   "Exit with 6 if R² may be below this, or the fit has too few rows or rank")
      ->type_name("R2");
  add_whole_number(
      *command, "--top", regress->top,
      "Show at most that many columns, those of largest |coefficient| / standard error");
  regress->input.add_options(*command);
  regress->session.add_options(*command);
  command->callback([=] {
    regress->options.intercept = !regress->no_intercept;
    regress->run();
  });
}

}  // namespace prodigest::cli
