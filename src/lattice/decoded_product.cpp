#include "lattice/decoded_product.hpp"

#include <algorithm>

#include "coding/rotation.hpp"
#include "coding/vector_code.hpp"
#include "core/gemm.hpp"
#include "core/parallel.hpp"
#include "lattice/coded_columns.hpp"

namespace prodigest::lattice {
namespace {

constexpr Index kPanel = 256;  // columns that are decoded to doubles at a time

// Row j is column first + j.  @shape -> [count, size]
Matrix<double> decoded_rows(const LatticeCodes& codes, Index first, Index count) {
  Matrix<double> rows(count, codes.size());
  std::vector<float> column(static_cast<std::size_t>(codes.size()));
  for (Index j = 0; j < count; ++j) {
    coding::decode_vector(codes.spec().coding, codes_of(codes.parts(), first + j),
                          codes.parts().scale[static_cast<std::size_t>(first + j)], column);
    std::ranges::copy(column, rows.view().row(j).begin());
  }
  return rows;
}

Matrix<double> transposed(const Matrix<double>& rows) {
  Matrix<double> out(rows.cols, rows.rows);
  for (Index j = 0; j < rows.rows; ++j)
    for (Index i = 0; i < rows.cols; ++i) out(i, j) = rows(j, i);
  return out;
}

// Calls visit(first, count) for ranges of columns.
template <class Visit>
void for_each_panel(Index cols, const Visit& visit) {
  for (Index first = 0; first < cols; first += kPanel) visit(first, std::min(kPanel, cols - first));
}

// out = the product of A's columns with b's.
void multiply_decoded(const LatticeCodes& a, MatrixView<const double> b, MatrixView<double> out,
                      const Context& context) {
  for_each_panel(a.cols(), [&](Index first, Index count) {
    multiply(decoded_rows(a, first, count), b, out.slice(first, count), context);
  });
}

}  // namespace

Matrix<double> decoded_product(const LatticeCodes& a, const LatticeCodes& b,
                               const Context& context) {
  Context quiet = context;
  quiet.progress = nullptr;
  Matrix<double> out(a.cols(), b.cols());
  if (coding::decodes_to_int8(a.spec().coding) && coding::decodes_to_int8(b.spec().coding)) {
    coding::multiply_coded(coded_columns(a.parts()), coded_columns(b.parts()), out.view(), quiet);
    return out;
  }
  for_each_panel(b.cols(), [&](Index first, Index count) {
    const Matrix<double> columns = transposed(decoded_rows(b, first, count));
    multiply_decoded(a, columns.view(),
                     MatrixView<double>(out.storage.data() + first, a.cols(), count, b.cols()),
                     quiet);
  });
  return out;
}

Matrix<double> decoded_product(const LatticeCodes& a, MatrixView<const double> b,
                               const Context& context) {
  Matrix<double> out(a.cols(), b.cols);
  multiply_decoded(a, b, out.view(), context);
  return out;
}

std::vector<double> decoded_sums(const LatticeCodes& a, const Context& context) {
  std::vector<double> ones(static_cast<std::size_t>(a.rows()), 1.0);
  if (a.spec().rotation == Rotation::kHadamard)
    coding::Rotation(a.spec().seed, a.rows()).apply(ones);
  return decoded_product(a, MatrixView<const double>(ones.data(), a.size(), 1), context).storage;
}

}  // namespace prodigest::lattice
