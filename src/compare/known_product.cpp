#include "prodigest/compare/known_product.hpp"

#include <cmath>

#include "base/fail.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"

namespace prodigest::compare {
namespace {

using sampling::RowSample;

sampling::SampleSpec every_row(Seed seed = {}) {
  sampling::SampleSpec spec;
  spec.size = Index{1} << 40;
  spec.seed = seed;
  spec.weight = sampling::Weight::kUniform;  // zero rows have no other weight
  spec.totals = sampling::Totals::kNorm;
  return spec;
}

void check_whole(const RowSample& sample) {
  if (!sample.complete() || sample.size() != sample.rows() || !sample.squared_norm())
    fail(ErrorCode::kInvalidArgument,
         "known product: expected a whole matrix, got a sample of {} of {} rows (make it with "
         "whole_matrix)",
         sample.size(), sample.rows());
}

}  // namespace

RowSample whole_matrix(io::RowReader& reader, const Schema& schema, const Context& context,
                       Seed seed) {
  return sampling::sample_rows(reader, every_row(seed), schema, context);
}

RowSample whole_matrix(const RowsView& rows, std::span<const RowId> row_ids, const Schema& schema,
                       const Context& context) {
  return sampling::sample_rows(rows, every_row(), row_ids, schema, context);
}

KnownProduct::KnownProduct(RowSample whole_a, RowSample whole_b, const Context& context)
    : a(std::move(whole_a)), b(std::move(whole_b)) {
  check_whole(a);
  check_whole(b);
  value = estimate_product(a, b, {}, context).value;  // all p are 1: the product itself
  norm_a = std::sqrt(*a.squared_norm());
  norm_b = std::sqrt(*b.squared_norm());
}

double KnownProduct::relative_error(const Matrix<double>& estimate) const {
  return scale() == 0 ? 0 : frobenius_distance(estimate, value) / scale();
}

double frobenius_distance(const Matrix<double>& a, const Matrix<double>& b) {
  if (a.rows != b.rows || a.cols != b.cols)
    fail(ErrorCode::kInvalidArgument,
         "distance: expected matrices of one shape, got {} x {} and {} x {}", a.rows, a.cols,
         b.rows, b.cols);
  double sum = 0;
  for (std::size_t i = 0; i < a.storage.size(); ++i) {
    const double difference = a.storage[i] - b.storage[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

}  // namespace prodigest::compare
