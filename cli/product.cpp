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
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_file.hpp"
#include "text.hpp"

namespace prodigest::cli {
namespace {

using sampling::RowSample;

struct Product {
  Session session;
  InputOptions input;
  std::string a, b, output, deviations;
  std::vector<std::string> exact;
  double confidence = 0.95;
  std::optional<double> require;
  Index top = 10;

  void run() const;
};

// An estimate, and what its rows and columns are called.
struct Answer {
  ProductEstimate estimate;
  Schema a, b;
  double norm_a, norm_b;  // infinite if not known
};

double norm_of(const RowSample& sample) { return std::sqrt(sample.squared_norm().value_or(INFINITY)); }

// The matrix side is read a block at a time; of it only the rows that the digest holds are kept.
Answer one_sided(const RowSample& digest, const std::string& path, const Product& product,
                 const ProductOptions& options) {
  io::ReadOptions reading = product.input.read_options();
  if (reading.key.empty()) {
    reading.key = digest.schema().key;
    reading.key_encoding = digest.schema().key_encoding;
  }
  Input matrix = open_input(path, reading, product.session);
  sampling::ExactSide side(digest, matrix.reader->cols(), matrix.schema);
  const Context context = product.session.context(path);
  io::RowBlock block;
  Index done = 0;
  while (matrix.reader->next(block)) {
    if (context.cancel.stop_requested()) throw Error(ErrorCode::kCancelled, "product: stopped by Ctrl-C");
    block.row_ids.empty() ? side.update(block.rows, block.first_row) : side.update(block.rows, block.row_ids);
    done += rows_of(block.rows);
    if (context.progress) context.progress(done);
  }
  const double norm = std::sqrt(side.squared_norm());
  return {std::move(side).estimate_product(options, context), digest.schema(), matrix.schema, norm_of(digest), norm};
}

Matrix<double> transposed(const Matrix<double>& matrix) {
  Matrix<double> result(matrix.cols, matrix.rows);
  for (Index i = 0; i < matrix.rows; ++i)
    for (Index j = 0; j < matrix.cols; ++j) result(j, i) = matrix(i, j);
  return result;
}

Answer answer(const Product& product) {
  const ProductOptions options{.confidence = product.confidence,
                                         .standard_deviations = product.top > 0 || !product.deviations.empty()};
  if (is_digest_path(product.a) && is_digest_path(product.b)) {
    const RowSample a = sampling::load_row_sample(product.a), b = sampling::load_row_sample(product.b);
    return {estimate_product(a, b, options, product.session.context("product")), a.schema(), b.schema(), norm_of(a), norm_of(b)};
  }
  if (is_digest_path(product.a)) return one_sided(sampling::load_row_sample(product.a), product.b, product, options);
  if (is_digest_path(product.b)) {  // BᵀA is computed, and turned
    Answer turned = one_sided(sampling::load_row_sample(product.b), product.a, product, options);
    std::swap(turned.a, turned.b);
    std::swap(turned.norm_a, turned.norm_b);
    turned.estimate.value = transposed(turned.estimate.value);
    turned.estimate.standard_deviation = transposed(turned.estimate.standard_deviation);
    return turned;
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("product: expected at least one digest (.pdg), got {} and {} (make one with prodigest sketch)", product.a, product.b));
}

std::vector<std::vector<std::string>> entry_table(const Answer& answer, Index top) {
  std::vector<std::vector<std::string>> rows;
  for (const NamedEntry& entry : largest_entries(answer.estimate, answer.a, answer.b, top))
    rows.push_back({entry.row + " x " + entry.column, number_text(entry.value), "± " + number_text(entry.deviation)});
  return rows;
}

void Product::run() const {
  for (const std::string& matrix : {a, b})
    for (const std::string& target : {output, deviations}) check_not_overwritten(matrix, target);
  const Answer found = answer(*this);
  const ProductEstimate& w = found.estimate;
  const FrobeniusError& error = w.frobenius_error;
  // Where a digest does not know its norm, nothing is a share of it.
  const double norms = found.norm_a * found.norm_b, scale = std::isfinite(norms) ? norms : NAN;
  std::optional<double> actual;
  if (!exact.empty()) {
    const auto reading = input.read_options();
    const ExactProduct truth = exact_product(open_input(exact[0], options_like(found.a, reading), session),
                                             open_input(exact[1], options_like(found.b, reading), session), session);
    actual = frobenius_distance(w.value, truth.value);
  }
  if (!output.empty()) io::save_npy(output, w.value.view());
  if (!deviations.empty()) io::save_npy(deviations, w.standard_deviation.view());

  std::string text = fmt::format("A'B: {} x {} from {} matched rows, worth {} equal ones\n", w.value.rows, w.value.cols,
                                 count_text(w.matched_rows), count_text(std::llround(w.effective_rows)));
  std::vector<std::vector<std::string>> table = {{"Frobenius error", "absolute", "of |A||B|"}};
  const auto put = [&](std::string name, double value) { table.push_back({std::move(name), number_text(value), percent_text(value / scale)}); };
  put("estimated (root mean square)", error.estimated);
  put(fmt::format("bound, {} confidence", percent_text(error.confidence)), error.bound);
  put("guaranteed before looking", error.apriori);
  if (actual) put("actual", *actual);
  text += table_text(table);
  if (w.matched_rows == 0) text += "no common row was sampled: the estimate is zero, and the bound says what that is worth\n";
  if (top > 0 && w.matched_rows > 0) text += "largest entries, ± one standard deviation\n" + table_text(entry_table(found, top));
  session.print("product", estimate_json(w, scale, actual), text);

  if (require && !(error.bound <= *require * scale))
    throw TooUncertain{fmt::format("--require {}: {}", *require,
                                   std::isnan(scale) ? "the norms of the matrices are not known (sketch with totals=norm)"
                                                     : fmt::format("the error bound is {} of |A||B| (sketch with a larger size; prodigest plan tells which)",
                                                                   percent_text(error.bound / scale)))};
}

}  // namespace

void add_product(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "product", "AᵀB from digests, with its error\n\nExample: prodigest product sizes.pdg depends.pdg -o W.npy\n\n"
                 "One of the two may be a matrix file: it is then used in full, which halves the variance.");
  const auto product = std::make_shared<Product>();
  command->add_option("a", product->a, "Digest of A (n x d), or A")->required()->type_name("FILE");
  command->add_option("b", product->b, "Digest of B (n x m), or B")->required()->type_name("FILE");
  command->add_option("-o,--output", product->output, "Write the d x m product (.npy)")->type_name("FILE");
  command->add_option("--deviations", product->deviations, "Write the standard deviation of each entry (.npy)")->type_name("FILE");
  command->add_option("--exact", product->exact, "The matrices A and B, to compute the actual error")->expected(2)->type_name("FILE");
  command->add_option("--confidence", product->confidence, "Probability that the bounds hold")->type_name("P")->capture_default_str();
  command->add_option("--require", product->require, "Exit with 6 if the bound exceeds this share of |A||B|")->type_name("SHARE");
  add_whole_number(*command, "--top", product->top, "Show that many of the largest entries");
  product->input.add_options(*command);
  product->session.add_options(*command);
  command->callback([=] { product->run(); });
}

}  // namespace prodigest::cli
