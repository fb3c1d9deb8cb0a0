#include "compare/pairs.hpp"

#include <cmath>

#include "prodigest/digest/digest.hpp"
#include "reference/matrices.hpp"

namespace prodigest::compare {
namespace {

// Multiplies row i of both by one length.
void stretch(Matrix<double>& matrix, Index row, double length) {
  for (double& x : matrix.view().row(row)) x *= length;
}

std::vector<double> heavy_lengths(Index rows) {
  Normals draws(77);
  std::vector<double> lengths;
  for (Index i = 0; i < rows; ++i) lengths.push_back(std::pow(draws.uniform(), -1 / 1.5));
  return lengths;
}

}  // namespace

KnownProduct Pair::known() const {
  return {whole_matrix(a.view(), rows_a), whole_matrix(b.view(), rows_b)};
}

Pair dense_pair(Index rows, Index cols_a, Index cols_b) {
  Normals normals(1);
  Pair pair{
      "dense", normal_matrix(normals, rows, cols_a), normal_matrix(normals, rows, cols_b), {}, {}};
  return pair;
}

Pair sparse_pair(Index rows, Index cols_a, Index cols_b, double density) {
  Normals normals(2);
  return {"sparse",
          sparse_matrix(normals, rows, cols_a, density),
          sparse_matrix(normals, rows, cols_b, density),
          {},
          {}};
}

Pair heavy_pair(Index rows, Index cols_a, Index cols_b) {
  Pair pair = dense_pair(rows, cols_a, cols_b);
  pair.name = "heavy";
  const std::vector<double> lengths = heavy_lengths(rows);
  for (Index i = 0; i < rows; ++i) {
    stretch(pair.a, i, lengths[static_cast<std::size_t>(i)]);
    stretch(pair.b, i, lengths[static_cast<std::size_t>(i)]);
  }
  return pair;
}

Pair overlap_pair(Index rows, Index cols_a, Index cols_b, bool heavy) {
  Pair pair = heavy ? heavy_pair(rows, cols_a, cols_b) : dense_pair(rows, cols_a, cols_b);
  pair.name = heavy ? "overlap, heavy" : "overlap";
  const auto shift = static_cast<RowId>(rows - rows * 3 / 100);
  pair.rows_a = numbers(rows);
  pair.rows_b = numbers(rows, shift);
  return pair;
}

Pair correlated_pair(Index rows, Index cols_a, Index cols_b) {
  Pair pair = dense_pair(rows, cols_a, cols_b);
  pair.name = "correlated";
  Normals factors(6);
  for (Index i = 0; i < rows; ++i) {
    const double factor = factors();
    for (double& x : pair.a.view().row(i)) x = 2 + 0.9 * factor + 0.44 * x;
    for (double& x : pair.b.view().row(i)) x = -1 + 0.9 * factor + 0.44 * x;
  }
  return pair;
}

Pair gram_pair(Index rows, Index cols) {
  Pair pair = heavy_pair(rows, cols, 1);
  pair.name = "B = A";
  pair.b = pair.a;
  return pair;
}

Pair whole_numbers_pair(Index rows, Index words) {
  Normals draws(5);
  Pair pair{"whole numbers", Matrix<double>(rows, words), Matrix<double>(rows, 1), {}, {}};
  for (Index i = 0; i < rows; ++i) {
    for (int word = 0; word < 4; ++word)
      pair.a(i, static_cast<Index>(std::pow(draws.uniform(), 4) * static_cast<double>(words))) = 1;
    pair.b(i, 0) = std::floor(1000 * draws.uniform());
  }
  return pair;
}

std::vector<double> errors_of(const KnownProduct& known, const std::string& text, int seeds) {
  std::vector<double> errors;
  digest::DigestSpec spec = digest::parse_digest_spec(text);
  for (int s = 0; s < seeds; ++s) {
    spec = digest::with_seed(spec, {static_cast<std::uint64_t>(s)});
    const auto sketch = [&](const sampling::RowSample& whole) {
      return digest::sketch(whole.values(), spec, whole.row_ids(), {}, kOneThread);
    };
    errors.push_back(known.relative_error(
        digest::estimate_product(sketch(known.a), sketch(known.b), {}, kOneThread).value));
  }
  return errors;
}

double rms(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x * x;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace prodigest::compare
