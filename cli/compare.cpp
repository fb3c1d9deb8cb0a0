// prodigest compare: which digest suits two matrices.

#include "prodigest/compare/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "commands.hpp"
#include "compare_page.hpp"
#include "compare_report.hpp"
#include "digest_kind.hpp"
#include "options.hpp"
#include "pair_input.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/io/write_file.hpp"
#include "spec_list.hpp"

namespace prodigest::cli {
namespace {

namespace fs = std::filesystem;
using compare::Budget;
using compare::Method;
using compare::PairStatistics;
using compare::Recommendation;
using sampling::RowSample;

struct Compare {
  Session session;
  PairInputOptions input;
  std::string a, b, methods, page;
  std::vector<std::string> sizes = {"1%", "5%", "20%"};
  int seeds = 5;
  bool automatic = false, quick = false, seeds_given = false;
  double confidence = 0.95;

  std::vector<Budget> budgets() const;
  std::vector<Method> chosen_methods(const PairStatistics& pair) const;
  RowSample whole(const std::string& path, const io::ReadOptions& reading) const;
  void recommend_only() const;
  void measure() const;
  void run() const;
};

std::vector<Budget> Compare::budgets() const {
  std::vector<Budget> result;
  for (const std::string& text : sizes) result.push_back(compare::parse_budget(text));
  return result;
}

std::vector<Method> Compare::chosen_methods(const PairStatistics& pair) const {
  if (methods == "all") return compare::all_methods(pair);
  const std::string list = !methods.empty() ? methods
                           : quick          ? "priority,priority:weight=uniform,countsketch"
                                            : "";
  if (list.empty()) return compare::default_methods(pair);
  std::vector<Method> result;
  for (const std::string& spec : split_specs(list)) result.push_back(compare::parse_method(spec));
  return result;
}

RowSample Compare::whole(const std::string& path, const io::ReadOptions& reading) const {
  Input matrix = open_input(path, reading, session);
  return compare::whole_matrix(*matrix.reader, matrix.schema, session.context(path));
}

RowSample sample_in(const std::string& path) {
  digest::Digest digest = digest::load(path);
  if (auto* const sample = std::get_if<RowSample>(&digest)) return std::move(*sample);
  throw Error(ErrorCode::kUnsupported,
              fmt::format("compare: {}: expected a sample, got {}, {}, which holds no rows and so "
                          "cannot tell how another method would do (give the matrix)",
                          path, kind_of(digest), digest::to_text(digest::spec_of(digest))));
}

void Compare::recommend_only() const {
  const bool digests = is_digest_path(a);
  const RowSample left = digests ? sample_in(a) : whole(a, input.a());
  const RowSample right = digests ? sample_in(b) : whole(b, input.b());
  const PairStatistics pair = compare::statistics_of(left, right, session.context("statistics"));
  const std::vector<Method> considered = chosen_methods(pair);
  std::string text = pair_text(pair);
  Json recommendations = Json::array();
  for (const Budget& budget : budgets()) {
    const Recommendation recommendation = recommend(pair, budget, considered);
    text += "\n" + recommendation_text(recommendation);
    recommendations.push_back(recommendation_json(pair, recommendation));
  }
  session.print("compare", {{"statistics", pair_json(pair)}, {"budgets", recommendations}}, text);
}

void Compare::measure() const {
  const compare::KnownProduct known(whole(a, input.a()), whole(b, input.b()),
                                    session.context("exact product"));
  compare::CompareOptions options{
      .budgets = budgets(), .seeds = quick && !seeds_given ? 3 : seeds, .confidence = confidence};
  if (quick || !methods.empty())
    options.methods = chosen_methods(compare::statistics_of(known.a, known.b));
  const compare::Comparison comparison =
      compare::compare(known, options, session.context("compare"));
  Json fields = comparison_json(comparison);
  std::string text = comparison_text(comparison);
  if (!page.empty()) {
    const std::string html = comparison_page(comparison, fs::path(a).filename().string(),
                                             fs::path(b).filename().string());
    io::write_file(page, std::as_bytes(std::span(html)));
    fields["html"] = page;
    text += "\n" + page + "\n";
  }
  session.print("compare", fields, text);
}

void Compare::run() const {
  budgets();  // what cannot work is refused before a long file is read
  for (const std::string& matrix : {a, b}) check_not_overwritten(matrix, page);
  if (is_digest_path(a) != is_digest_path(b))
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("compare: expected two matrices or two digests, got {} and {}", a, b));
  if (is_digest_path(a) && !automatic)
    throw Error(ErrorCode::kInvalidArgument,
                "compare: digests do not hold all rows, so nothing can be measured on them (give "
                "the matrices, or --method auto for an estimate)");
  if (automatic && !page.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "compare: --html shows what was measured, and --method auto measures nothing "
                "(leave one out)");
  automatic ? recommend_only() : measure();
}

}  // namespace

void add_compare(CLI::App& app) {
  auto* const command = app.add_subcommand(
      "compare",
      "Which digest suits two matrices\n\nExample: prodigest compare sizes.csv.gz depends.csv.gz "
      "--key package --b-words depends\n\n"
      "Digests both with every method at every size, holds the products against the exact one, and "
      "recommends.\n"
      "Both matrices must fit in memory. With --method auto nothing is measured; then two samples "
      "(.pdg) will do.\n"
      "Each reading option is also there for one matrix alone: --a-columns, --b-words and so on.");
  const auto compare = std::make_shared<Compare>();
  command->add_option("a", compare->a, "A (n x d), or with --method auto a sample of it")
      ->required()
      ->type_name("FILE");
  command->add_option("b", compare->b, "B (n x m), likewise")->required()->type_name("FILE");
  command
      ->add_option(
          "--sizes", compare->sizes,
          "Of both digests: bytes (100kB), a share of the exact storage (5%), or rows (1000)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("SIZE,...")
      ->default_str("1%,5%,20%");
  command
      ->add_option("--methods", compare->methods,
                   "Specs without size=, or all (default: those that may be recommended)")
      ->type_name("SPEC,...");
  add_choice(*command, "--method", compare->automatic, "Only recommend, measure nothing",
             {{"auto", true}});
  auto* const seeds = add_whole_number(*command, "--seeds", compare->seeds,
                                       "How often each method is run", 1, 1000);
  command->add_flag("--quick", compare->quick, "Three methods, three seeds");
  command->add_option("--confidence", compare->confidence, "Probability that the bounds hold")
      ->type_name("P")
      ->capture_default_str();
  command->add_option("--html", compare->page, "Write a report: one page, nothing else needed")
      ->type_name("FILE");
  compare->input.add_options(*command);
  compare->session.add_options(*command);
  command->callback([=] {
    compare->seeds_given = seeds->count() > 0;
    compare->run();
  });
}

}  // namespace prodigest::cli
