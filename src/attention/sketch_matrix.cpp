#include "attention/sketch_matrix.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "core/draws.hpp"

namespace prodigest::attention {
namespace {

constexpr Domain kDomain = Domain::kPolynomialSketch;

// to[j] += scale * from[j]
void add_multiple(std::span<const double> from, double scale, std::span<double> to) {
  for (std::size_t j = 0; j < to.size(); ++j) to[j] += scale * from[j];
}

// Signs and the columns of the Hadamard matrix are drawn anew for each group of as many columns as
// it has.
Matrix<double> hadamard_matrix(Seed seed, RowId first_row, Index inputs, Index size) {
  Matrix<double> g(inputs, size);
  const auto order = static_cast<Index>(std::bit_ceil(static_cast<std::uint64_t>(inputs)));
  const auto count = static_cast<std::size_t>(order);
  std::vector<RowId> rows(count);
  std::iota(rows.begin(), rows.end(), first_row);
  std::vector<std::uint64_t> signs(count), places(count), columns(count);
  for (Index first = 0; first < size; first += order) {
    const auto block = static_cast<std::uint32_t>(first / order);
    random_words(seed, kDomain, rows, block, signs, places);
    std::iota(columns.begin(), columns.end(), std::uint64_t{0});
    const auto taken = static_cast<std::size_t>(std::min(order, size - first));
    for (std::size_t c = 0; c < taken; ++c)
      std::swap(columns[c],
                columns[c + bounded(places[c], count - c, {seed, kDomain, rows[c], block, 1})]);
    for (Index i = 0; i < inputs; ++i) {
      double* const out = g.view().row_data(i) + first;
      const double sign = signs[static_cast<std::size_t>(i)] >> 63 ? -1.0 : 1.0;
      for (std::size_t c = 0; c < taken; ++c) {
        const int odd = std::popcount(static_cast<std::uint64_t>(i) & columns[c]) & 1;
        out[c] = sign * (1 - 2 * odd);
      }
    }
  }
  return g;
}

}  // namespace

Matrix<double> gaussian_matrix(Seed seed, Domain domain, RowId first_row, Index inputs,
                               Index size) {
  Matrix<double> g(inputs, size);
  for (Index i = 0; i < inputs; ++i)
    random_normals(seed, domain, first_row + static_cast<RowId>(i), g.view().row(i));
  return g;
}

// Modified Gram-Schmidt, of all later columns at once, so that it runs along rows.
void make_orthogonal(Matrix<double>& g, Index first, Index count) {
  std::vector<double> products(static_cast<std::size_t>(count));
  const auto tail = [&](Index i, Index k) {  // of row i, from the k-th of the columns
    return g.view().row(i).subspan(static_cast<std::size_t>(first + k),
                                   static_cast<std::size_t>(count - k));
  };
  for (Index k = 0; k < count; ++k) {
    const std::span along(products.data(), static_cast<std::size_t>(count - k));
    std::ranges::fill(along, 0.0);  // products of column k with itself and the later ones
    for (Index i = 0; i < g.rows; ++i) add_multiple(tail(i, k), tail(i, k)[0], along);
    const double square = along[0];
    const double scale = std::sqrt(static_cast<double>(g.rows) / square);
    for (Index i = 0; i < g.rows; ++i) {
      const auto row = tail(i, k);
      add_multiple(along.subspan(1), -row[0] / square, row.subspan(1));
      row[0] *= scale;
    }
  }
}

Matrix<double> sketch_matrix(const AttentionSpec& spec, std::uint64_t stream, int number,
                             Index inputs) {
  const RowId first_row = stream << 24 | static_cast<RowId>(number) << 20;
  if (spec.sketch == SketchKind::kHadamard)
    return hadamard_matrix(spec.seed, first_row, inputs, spec.size);
  Matrix<double> g = gaussian_matrix(spec.seed, kDomain, first_row, inputs, spec.size);
  if (spec.sketch == SketchKind::kOrthogonal)
    for (Index first = 0; first < g.cols; first += inputs)
      make_orthogonal(g, first, std::min(inputs, g.cols - first));
  return g;
}

}  // namespace prodigest::attention
