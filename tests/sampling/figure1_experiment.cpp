#include "sampling/figure1_experiment.hpp"

#include <algorithm>
#include <cmath>

#include "core/gemm.hpp"
#include "prodigest/sampling/product.hpp"
#include "prodigest/sampling/sample_rows.hpp"
#include "reference/matrices.hpp"

namespace prodigest::sampling {
namespace {

constexpr Index kRows = 10'000, kCols = 100;  // of A and of B
constexpr double kNumberBits = 64;

double index_bits(Index values) { return std::ceil(std::log2(static_cast<double>(values))); }

double bits_of_rows(const Matrix<double>& matrix) {
  double bits = 0;
  for (Index i = 0; i < matrix.rows; ++i) {
    const auto row = matrix.view().row(i);
    const auto entries =
        static_cast<double>(row.size()) - static_cast<double>(std::ranges::count(row, 0.0));
    bits += std::min(kCols * kNumberBits,
                     index_bits(kCols + 1) + entries * (kNumberBits + index_bits(kCols)));
  }
  return bits;
}

Matrix<double> random_matrix(Normals& normals, double kept) {
  Matrix<double> matrix(kRows, kCols);
  for (double& x : matrix.storage) {
    x = normals() * (normals.uniform() < 0.1 ? 10 : 1);
    if (normals.uniform() >= kept) x = 0;
  }
  return matrix;
}

void add(Matrix<double>& sum, const Matrix<double>& part) {
  for (std::size_t i = 0; i < sum.storage.size(); ++i) sum.storage[i] += part.storage[i];
}

}  // namespace

Figure1Experiment::Figure1Experiment(double kept) {
  Normals normals(7);
  a_ = random_matrix(normals, kept);
  b_ = random_matrix(normals, kept);
  truth_ = exact_product(a_, b_);
}

Index Figure1Experiment::sampled_rows(double storage) const {
  const double budget = storage * (bits_of_rows(a_) + bits_of_rows(b_)) / 2;
  const double row_bits = bits_of_rows(a_) / kRows + index_bits(kRows);
  return std::clamp<Index>(std::llround(budget / row_bits), 2, kRows);
}

Index Figure1Experiment::projected_rows(double storage) const {
  const double budget = storage * (bits_of_rows(a_) + bits_of_rows(b_));
  return std::max<Index>(1, static_cast<Index>(budget / (2 * kCols * kNumberBits)));
}

double Figure1Experiment::sampling_error(Method method, Index size, std::uint64_t seed) const {
  const SampleSpec spec{.method = method, .size = size, .seed = {seed}, .totals = Totals::kNone};
  return error_of(
      estimate_product(sample_rows(a_.view(), spec), sample_rows(b_.view(), spec)).value);
}

double Figure1Experiment::projection_error(Index size, std::uint64_t seed) const {
  constexpr Index kBlock = 500;
  Normals normals(seed + 1000);
  Matrix<double> of_a(size, kCols), of_b(size, kCols), part(size, kCols), projection(kBlock, size);
  for (Index first = 0; first < kRows; first += kBlock) {
    for (double& x : projection.storage) x = normals() / std::sqrt(static_cast<double>(size));
    multiply_transposed(projection.view(), a_.view().slice(first, kBlock), part.view(), {});
    add(of_a, part);
    multiply_transposed(projection.view(), b_.view().slice(first, kBlock), part.view(), {});
    add(of_b, part);
  }
  Matrix<double> product(kCols, kCols);
  multiply_transposed(of_a.view(), of_b.view(), product.view(), {});
  return error_of(product);
}

double Figure1Experiment::error_of(const Matrix<double>& product) const {
  return std::sqrt(squared_distance(product, truth_) / (squared_norm(a_) * squared_norm(b_)));
}

}  // namespace prodigest::sampling
