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

  double actual_error(const Answer& answer) const;
  std::string text(const Answer& answer, double scale, std::optional<double> actual) const;
  void check_requirement(const Answer& answer, double scale) const;
  void run() const;
};

double Product::actual_error(const Answer& answer) const {
  const auto reading = input.read_options();
  const compare::KnownProduct truth =
      known_product(open_input(exact[0], options_like(answer.a, reading), session),
                    open_input(exact[1], options_like(answer.b, reading), session), session);
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

std::string Product::text(const Answer& answer, double scale, std::optional<double> actual) const {
  const ProductEstimate& w = answer.estimate;
  const FrobeniusError& error = w.frobenius_error;
  const bool samples = answer.sketch_rows == 0;
  std::string text = fmt::format("A'B: {} x {} from ", w.value.rows, w.value.cols);
  text += samples
              ? fmt::format("{} matched rows, worth {} equal ones\n", count_text(w.matched_rows),
                            count_text(std::llround(w.effective_rows)))
              : fmt::format("sketches of {} rows\n", count_text(answer.sketch_rows));

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
    text += "|A||B| is estimated too, as rows came in parts: the bound holds on average\n";
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
          : fmt::format(
                "the error bound is {} of |A||B| (sketch with a larger size; prodigest plan "
                "tells which)",
                percent_text(bound / scale)))};
}

void Product::run() const {
  for (const std::string& matrix : {a, b})
    for (const std::string& target : {output, deviations}) check_not_overwritten(matrix, target);
  const Answer answer = product_of(
      a, b, input,
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
  if (answer.sketch_rows > 0) {
    fields["sketch_rows"] = answer.sketch_rows;
    fields["norms_estimated"] = answer.norms_estimated();
  }
  session.print("product", fields, text(answer, scale, actual));
  check_requirement(answer, scale);
}

}  // namespace

void add_product(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "product",
      "AᵀB from digests, with its error\n\nExample: prodigest product sizes.pdg depends.pdg -o "
      "W.npy\n\n"
      "Two samples, or two linear sketches of one method and size. One of the two may be a matrix "
      "file: beside a\n"
      "sample it is used in full, which halves the variance; beside a linear sketch it is sketched "
      "the same way first.\n"
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
  product->input.add_options(*command);
  product->session.add_options(*command);
  command->callback([=] { product->run(); });
}

}  // namespace prodigest::cli
