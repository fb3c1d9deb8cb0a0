// prodigest product: AᵀB from digests, with its error; on request against the exact product.

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "commands.hpp"
#include "estimate_report.hpp"
#include "exact_product.hpp"
#include "input.hpp"
#include "options.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/npy.hpp"
#include "product_sides.hpp"
#include "text.hpp"
#include "vectors.hpp"

namespace prodigest::cli {
namespace {

struct Product {
  Session session;
  InputOptions input;
  std::string a, b, output, deviations;
  std::vector<std::string> exact;
  double confidence = 0.95;
  std::optional<double> require;
  Index top = 10;
  bool vectors = false;

  Input open(const std::string& path, const Schema& like) const;
  double actual_error(const Answer& answer) const;
  std::string text(const Answer& answer, double scale, std::optional<double> actual) const;
  void check_requirement(const Answer& answer, double scale) const;
  void run() const;
};

// A matrix that was digested with this schema.
Input Product::open(const std::string& path, const Schema& like) const {
  const io::ReadOptions reading = options_like(like, input.read_options());
  return vectors ? open_vectors(path, reading, session) : open_input(path, reading, session);
}

double Product::actual_error(const Answer& answer) const {
  const compare::KnownProduct truth =
      known_product(open(exact[0], answer.a), open(exact[1], answer.b), session);
  const Matrix<double>& w = answer.estimate.value;
  if (truth.value.rows != w.rows || truth.value.cols != w.cols)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("--exact: expected the matrices that were digested, of {} and {} "
                            "columns, got {} and {}",
                            w.rows, w.cols, truth.value.rows, truth.value.cols));
  return compare::frobenius_distance(w, truth.value);
}

std::vector<std::vector<std::string>> entry_table(const Answer& answer, Index top) {
  std::vector<std::vector<std::string>> rows;
  for (const NamedEntry& entry : largest_entries(answer.estimate, answer.a, answer.b, top))
    rows.push_back({entry.row + " x " + entry.column, number_text(entry.value),
                    "± " + number_text(entry.deviation)});
  return rows;
}

std::string source_text(const Answer& answer) {
  if (answer.sketch_rows > 0)
    return fmt::format("sketches of {} rows", count_text(answer.sketch_rows));
  if (answer.coded_coordinates > 0)
    return fmt::format("codes of {} coordinates", count_text(answer.coded_coordinates));
  return fmt::format("{} matched rows, worth {} equal ones",
                     count_text(answer.estimate.matched_rows),
                     count_text(std::llround(answer.estimate.effective_rows)));
}

std::string Product::text(const Answer& answer, double scale, std::optional<double> actual) const {
  const ProductEstimate& w = answer.estimate;
  const FrobeniusError& error = w.frobenius_error;
  const bool samples = answer.sketch_rows == 0 && answer.coded_coordinates == 0;
  std::string text =
      fmt::format("A'B: {} x {} from {}\n", w.value.rows, w.value.cols, source_text(answer));

  std::vector<std::vector<std::string>> table = {{"Frobenius error", "absolute", "of |A||B|"}};
  const auto put = [&](std::string name, double value) {
    table.push_back({std::move(name), number_text(value), percent_text(value / scale)});
  };
  put("estimated (root mean square)", error.estimated);
  put(fmt::format("bound, {} confidence", percent_text(error.confidence)), error.bound);
  put(answer.norms_estimated() ? "expected before looking" : "guaranteed before looking",
      error.apriori);
  if (actual) put("actual", *actual);
  text += table_text(table);
  if (answer.norms_estimated())
    text += fmt::format(
        "|A||B| is estimated too, as {}: the bound holds on average\n",
        answer.coded_coordinates > 0 ? "not all coordinates were coded" : "rows came in parts");
  const bool empty = samples && w.matched_rows == 0;
  if (empty)
    text +=
        "no common row was sampled: the estimate is zero, and the bound says what that is worth\n";
  if (top > 0 && !empty)
    text += "largest entries, ± one standard deviation\n" + table_text(entry_table(answer, top));
  return text;
}

void Product::check_requirement(const Answer& answer, double scale) const {
  const double bound = answer.estimate.frobenius_error.bound;
  if (!require || bound <= *require * scale) return;
  throw TooUncertain{fmt::format(
      "--require {}: {}", *require,
      std::isnan(scale)
          ? "the norms of the matrices are not known (sketch with totals=norm)"
          : fmt::format("the error bound is {} of |A||B| ({})", percent_text(bound / scale),
                        answer.coded_coordinates > 0
                            ? "quantize with a format of more bits"
                            : "sketch with a larger size; prodigest plan tells which"))};
}

void Product::run() const {
  for (const std::string& matrix : {a, b})
    for (const std::string& target : {output, deviations}) check_not_overwritten(matrix, target);
  const Answer answer = product_of(
      a, b, input, vectors,
      {.confidence = confidence, .standard_deviations = top > 0 || !deviations.empty()}, session);
  const ProductEstimate& w = answer.estimate;
  // Where a digest does not know its norm, nothing is a share of it.
  const double norms = answer.norm_a.value * answer.norm_b.value,
               scale = std::isfinite(norms) ? norms : NAN;
  std::optional<double> actual;
  if (!exact.empty()) actual = actual_error(answer);
  if (!output.empty()) io::save_npy(output, w.value.view());
  if (!deviations.empty()) io::save_npy(deviations, w.standard_deviation.view());

  Json fields = estimate_json(w, scale, actual);
  if (answer.sketch_rows > 0) fields["sketch_rows"] = answer.sketch_rows;
  if (answer.coded_coordinates > 0) fields["coded_coordinates"] = answer.coded_coordinates;
  if (answer.sketch_rows > 0 || answer.coded_coordinates > 0)
    fields["norms_estimated"] = answer.norms_estimated();
  session.print("product", fields, text(answer, scale, actual));
  check_requirement(answer, scale);
}

}  // namespace

void add_product(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "product",
      "AᵀB from digests, with its error\n\nExample: prodigest product sizes.pdg depends.pdg -o "
      "W.npy\n\n"
      "Two samples, two linear sketches of one method and size, or lattice codes of two matrices "
      "of the same rows.\n"
      "One of the two may be a matrix file: beside a sample or codes it is used in full, which "
      "halves the variance;\n"
      "beside a linear sketch it is sketched the same way first. The product of codes with "
      "themselves has an exact\n"
      "diagonal: the norms of the columns are known.\n"
      "With --presence on both sides, [1,A]'[1,B] holds the rows of the join and the sums of the "
      "columns over it.");
  const auto product = std::make_shared<Product>();
  command->add_option("a", product->a, "Digest of A (n x d), or A")->required()->type_name("FILE");
  command->add_option("b", product->b, "Digest of B (n x m), or B")->required()->type_name("FILE");
  command->add_option("-o,--output", product->output, "Write the d x m product (.npy)")
      ->type_name("FILE");
  command
      ->add_option("--deviations", product->deviations,
                   "Write the standard deviation of each entry (.npy)")
      ->type_name("FILE");
  command
      ->add_option("--exact", product->exact, "The matrices A and B, to compute the actual error")
      ->expected(2)
      ->type_name("FILE");
  command->add_option("--confidence", product->confidence, "Probability that the bounds hold")
      ->type_name("P")
      ->capture_default_str();
  command
      ->add_option("--require", product->require,
                   "Exit with 6 if the bound exceeds this share of |A||B|")
      ->type_name("SHARE");
  add_whole_number(*command, "--top", product->top, "Show that many of the largest entries");
  command->add_flag("--vectors", product->vectors,
                    "Matrix files hold a vector a row, as quantize --vectors read them");
  product->input.add_options(*command);
  product->session.add_options(*command);
  command->callback([=] { product->run(); });
}

}  // namespace prodigest::cli
