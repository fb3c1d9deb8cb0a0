#include "exact_product.hpp"

#include <cmath>

#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"

namespace prodigest::cli {
namespace {

// A sample that keeps every row: the estimate from two of these is the product.
sampling::RowSample whole(Input& input, const Session& session) {
  sampling::SampleSpec spec;
  spec.size = Index{1} << 40;
  spec.totals = sampling::Totals::kNorm;
  return sampling::sample_rows(*input.reader, spec, input.schema, session.context("exact product"));
}

}  // namespace

ExactProduct exact_product(Input a, Input b, const Session& session) {
  const auto left = whole(a, session), right = whole(b, session);
  return {estimate_product(left, right, {}, session.context("exact product")).value,
          std::sqrt(*left.squared_norm()), std::sqrt(*right.squared_norm())};
}

double frobenius_distance(const Matrix<double>& a, const Matrix<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.storage.size(); ++i) {
    const double difference = a.storage[i] - b.storage[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

}  // namespace prodigest::cli
