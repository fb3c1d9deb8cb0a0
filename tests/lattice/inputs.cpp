#include "lattice/inputs.hpp"

#include <cmath>

#include "reference/matrices.hpp"

namespace prodigest::lattice {
namespace {

constexpr Index kRows = 4096, kCols = 64;

Matrix<double> student_matrix(Normals& normals) {
  Matrix<double> matrix = normal_matrix(normals, kRows, kCols);
  for (double& x : matrix.storage) {
    double squares = 0;
    for (int i = 0; i < 3; ++i) {
      const double z = normals();
      squares += z * z;
    }
    x /= std::sqrt(squares / 3);
  }
  return matrix;
}

Matrix<double> one_hot_matrix(Normals& normals) {
  Matrix<double> matrix = normal_matrix(normals, kRows, kCols);
  for (double& x : matrix.storage) x *= 1e-3;
  for (Index j = 0; j < kCols; ++j)
    matrix(static_cast<Index>(normals.uniform() * double{kRows}), j) += 1;
  return matrix;
}

Matrix<double> sharing(Normals& normals, const Matrix<double>& factor) {
  Matrix<double> matrix = normal_matrix(normals, kRows, kCols);
  for (Index i = 0; i < kRows; ++i)
    for (double& x : matrix.view().row(i)) x = 0.9 * factor(i, 0) + 0.436 * x;
  return matrix;
}

Matrix<double> falling_spectrum(Normals& normals) {
  const Matrix<double> left = normal_matrix(normals, kRows, kCols),
                       right = normal_matrix(normals, kCols, kCols);
  Matrix<double> matrix(kRows, kCols);
  for (Index i = 0; i < kRows; ++i)
    for (Index k = 0; k < kCols; ++k)
      for (Index j = 0; j < kCols; ++j)
        matrix(i, j) += left(i, k) * right(k, j) / static_cast<double>(k + 1);
  return matrix;
}

double squared_centred_norm(const Matrix<double>& matrix) {
  double sum = 0;
  for (Index j = 0; j < matrix.cols; ++j) {
    double mean = 0;
    for (Index i = 0; i < matrix.rows; ++i) mean += matrix(i, j);
    mean /= static_cast<double>(matrix.rows);
    for (Index i = 0; i < matrix.rows; ++i) sum += (matrix(i, j) - mean) * (matrix(i, j) - mean);
  }
  return sum;
}

std::vector<InputPair> make_hard_pairs() {
  Normals normals(21);
  const auto normal = [&] { return normal_matrix(normals, kRows, kCols); };
  std::vector<InputPair> pairs;
  Matrix<double> a = student_matrix(normals), b = student_matrix(normals);
  pairs.emplace_back("Student t(3)", a, b);

  a = normal();
  for (Index i = 0; i < kRows; i += 100)
    for (double& x : a.view().row(i)) x *= 30;
  pairs.emplace_back("1 % of rows large", a, normal());

  a = one_hot_matrix(normals);
  pairs.emplace_back("one-hot", a, one_hot_matrix(normals));

  a = normal();
  b = normal();
  for (Matrix<double>* matrix : {&a, &b})
    for (double& x : matrix->storage) x += 10;
  pairs.emplace_back("means of 10", a, b);

  const Matrix<double> factor = normal_matrix(normals, kRows, 1);
  a = sharing(normals, factor);
  pairs.emplace_back("shared factor", a, sharing(normals, factor));

  a = falling_spectrum(normals);
  b = normal();
  const double spread = std::sqrt(squared_norm(a) / static_cast<double>(a.storage.size()));
  for (std::size_t i = 0; i < a.storage.size(); ++i)
    b.storage[i] = a.storage[i] + 0.3 * spread * b.storage[i];
  pairs.emplace_back("falling spectrum", a, b);

  pairs.push_back(normal_pair(128, 128, 24));
  pairs.back().name = "short columns";
  return pairs;
}

}  // namespace

InputPair::InputPair(std::string name_, Matrix<double> a_, Matrix<double> b_)
    : name(std::move(name_)),
      a(std::move(a_)),
      b(std::move(b_)),
      truth(exact_product(a, b)),
      unit(squared_centred_norm(a) * squared_centred_norm(b) / static_cast<double>(a.rows)) {}

InputPair normal_pair(Index rows, Index cols, std::uint64_t seed) {
  Normals normals(seed);
  Matrix<double> a = normal_matrix(normals, rows, cols), b = normal_matrix(normals, rows, cols);
  return {"normal", std::move(a), std::move(b)};
}

const std::vector<InputPair>& hard_pairs() {
  static const std::vector<InputPair> pairs = make_hard_pairs();
  return pairs;
}

double distortion(const ProductEstimate& estimate, const InputPair& pair) {
  return squared_distance(estimate.value, pair.truth) / pair.unit;
}

Deviations deviations(const ProductEstimate& estimate, const Matrix<double>& truth, bool diagonal) {
  Deviations result;
  double count = 0;
  for (Index i = 0; i < truth.rows; ++i)
    for (Index j = 0; j < truth.cols; ++j) {
      if (i == j && !diagonal) continue;
      const double z = (estimate.value(i, j) - truth(i, j)) / estimate.standard_deviation(i, j);
      result.root_mean_square += z * z;
      result.beyond_three += std::abs(z) > 3 ? 1 : 0;
      ++count;
    }
  result.root_mean_square = std::sqrt(result.root_mean_square / count);
  result.beyond_three /= count;
  return result;
}

}  // namespace prodigest::lattice
