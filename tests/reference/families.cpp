#include "reference/families.hpp"

#include <cmath>

#include "reference/matrices.hpp"

namespace prodigest {
namespace {

constexpr Index kColsA = 6, kColsB = 5;

template <class Factor>
void scale_rows(Matrix<double>& matrix, const Factor& factor) {
  for (Index i = 0; i < matrix.rows; ++i)
    for (double& x : matrix.view().row(i))
      x *= factor(static_cast<double>(i) / static_cast<double>(matrix.rows));
}

}  // namespace

Family norm_family(int which, Index rows) {
  Normals normals(1000 + static_cast<std::uint64_t>(which));
  if (which == 1)
    return {"Heavy", heavy_matrix(normals, rows, kColsA), heavy_matrix(normals, rows, kColsB)};
  if (which == 2) {
    const Matrix<double> a = heavy_matrix(normals, rows, kColsA);
    return {"HeavyEqual", a, a};
  }
  Family family{"Flat", normal_matrix(normals, rows, kColsA), normal_matrix(normals, rows, kColsB)};
  if (which == 3) {
    family.name = "Opposed";
    scale_rows(family.a, [](double at) { return std::exp(4 * at); });
    scale_rows(family.b, [](double at) { return std::exp(-4 * at); });
  }
  if (which == kSpikeFamily) {
    family.name = "OneSpike";
    scale_rows(family.b, [](double) { return 1e-3; });
    for (double& x : family.b.view().row(7)) x = 50;
  }
  if (which == 5) {
    family.name = "HalfDisjoint";
    scale_rows(family.a, [](double at) { return at < 0.6 ? 1 : 0; });
    scale_rows(family.b, [](double at) { return at > 0.4 ? 1 : 0; });
  }
  return family;
}

}  // namespace prodigest
