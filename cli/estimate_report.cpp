#include "estimate_report.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace prodigest::cli {
namespace {

std::string name_of(const Schema& schema, Index column) {
  return schema.columns.empty() ? std::to_string(column)
                                : schema.columns[static_cast<std::size_t>(column)];
}

}  // namespace

Json estimate_json(const ProductEstimate& estimate, double scale, std::optional<double> actual) {
  const FrobeniusError& error = estimate.frobenius_error;
  Json frobenius = {{"estimated", or_null(error.estimated)},
                    {"blind", or_null(error.blind)},
                    {"bound", or_null(error.bound)},
                    {"apriori", or_null(error.apriori)},
                    {"confidence", error.confidence}};
  if (actual) {
    frobenius["actual"] = *actual;
    frobenius["relative"] = or_null(*actual / scale);
  }
  return {{"shape", {estimate.value.rows, estimate.value.cols}},
          {"matched_rows", estimate.matched_rows},
          {"effective_rows", estimate.effective_rows},
          {"frobenius_error", frobenius}};
}

std::vector<NamedEntry> largest_entries(const ProductEstimate& estimate, const Schema& a,
                                        const Schema& b, Index count) {
  const Matrix<double>& value = estimate.value;
  std::vector<std::size_t> order(value.storage.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(
                                       std::min(order.size(), static_cast<std::size_t>(count)));
  // Equal entries stand in the order of the matrix, so that the same product reads the same.
  std::partial_sort(order.begin(), end, order.end(), [&](std::size_t i, std::size_t j) {
    const double left = std::abs(value.storage[i]), right = std::abs(value.storage[j]);
    return left != right ? left > right : i < j;
  });
  std::vector<NamedEntry> entries;
  for (auto it = order.begin(); it != end; ++it) {
    const auto at = static_cast<Index>(*it);
    entries.push_back({name_of(a, at / value.cols), name_of(b, at % value.cols), *it,
                       value.storage[*it], estimate.standard_deviation.storage[*it]});
  }
  return entries;
}

}  // namespace prodigest::cli
