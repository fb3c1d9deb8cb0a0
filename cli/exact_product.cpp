#include "exact_product.hpp"

#include <cmath>

#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"

namespace prodigest::cli {

sampling::RowSample whole_matrix(Input input, const Session& session, Seed seed) {
  sampling::SampleSpec spec;
  spec.size = Index{1} << 40;
  spec.seed = seed;
  spec.weight = sampling::Weight::kUniform;  // zero rows have no other weight
  spec.totals = sampling::Totals::kNorm;
  return sampling::sample_rows(*input.reader, spec, input.schema, session.context("whole matrix"));
}

ExactProduct exact_product(const sampling::RowSample& a, const sampling::RowSample& b, const Session& session) {
  return {estimate_product(a, b, {}, session.context("exact product")).value, std::sqrt(*a.squared_norm()), std::sqrt(*b.squared_norm())};
}

ExactProduct exact_product(Input a, Input b, const Session& session) {
  return exact_product(whole_matrix(std::move(a), session), whole_matrix(std::move(b), session), session);
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
