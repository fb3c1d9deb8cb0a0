#include "kernel_report.hpp"

#include <fmt/format.h>

#include "text.hpp"

namespace prodigest::cli {

std::string matrix_text(const KernelMatrix& matrix) {
  return fmt::format("{} queries and {} keys of {} coordinates", count_text(matrix.rows()),
                     count_text(matrix.cols()), matrix.dim());
}

Json matrix_json(const KernelMatrix& matrix) {
  Json json = {{"queries", matrix.rows()},
               {"keys", matrix.cols()},
               {"dim", matrix.dim()},
               {"spec", to_text(matrix.spec())}};
  if (const kernel::PlanReport* const plan = matrix.plan())
    json["plan"] = {{"seconds", plan->seconds},
                    {"near_seconds", plan->near_seconds},
                    {"key_cells", plan->key_cells},
                    {"query_cells", plan->query_cells},
                    {"near_pairs", plan->near_pairs},
                    {"near_recall", or_null(plan->near_recall)},
                    {"bytes", plan->bytes}};
  return json;
}

std::string product_text(const kernel::GaussianSpec& spec, const kernel::ProductReport& report) {
  std::string text;
  if (report.exact)
    text = fmt::format("exact: {}\n", report.reason);
  else
    text = fmt::format(
        "error {} of |x|{}, below {} with probability {} (epsilon {})\n", number_text(report.error),
        spec.target == kernel::ErrorTarget::kRowRelative ? " after division by row sums" : "",
        number_text(report.error_bound), percent_text(1 - spec.failure), spec.epsilon);
  return text + fmt::format("{} of all pairs evaluated\n", percent_text(report.pairs));
}

Json product_json(const kernel::ProductReport& report) {
  Json json = {{"error", report.error},
               {"error_bound", report.error_bound},
               {"pairs", report.pairs},
               {"exact", report.exact},
               {"attempts", report.attempts},
               {"pilot_seconds", report.pilot_seconds},
               {"apply_seconds", report.apply_seconds},
               {"verify_seconds", report.verify_seconds}};
  if (report.exact) json["reason"] = report.reason;
  return json;
}

void tell(Facts& facts, const kernel::GaussianOperator& plan) {
  const kernel::PlanReport& report = plan.plan();
  facts.fields.update({{"spec", to_text(plan.spec())},
                       {"queries", plan.rows()},
                       {"keys", plan.cols()},
                       {"dim", plan.dim()},
                       {"query_cells", report.query_cells},
                       {"key_cells", report.key_cells},
                       {"near_pairs", report.near_pairs},
                       {"near_recall", report.near_recall}});
  facts.put("spec", to_text(plan.spec()));
  facts.put("points", fmt::format("{} queries and {} keys of {} coordinates",
                                  count_text(plan.rows()), count_text(plan.cols()), plan.dim()));
  if (report.query_cells == 0) {
    facts.put("sampling", "not prepared: there are too few points for it to pay");
    return;
  }
  facts.put("cells", fmt::format("{} of queries, {} of keys", count_text(report.query_cells),
                                 count_text(report.key_cells)));
  facts.put("near keys", fmt::format("{} a query, {} of what the nearest weigh",
                                     number_text(report.near_pairs),
                                     percent_text(report.near_recall)));
}

}  // namespace prodigest::cli
