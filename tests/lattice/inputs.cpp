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
    for (Index i = 0; i < matrix.rows; ++i)
      sum += (matrix(i, j) - mean) * (matrix(i, j) - mean);
  }
  return sum;
}

}  // namespace

InputPair normal_pair(Index rows, Index cols, std::uint64_t seed) {
  Normals normals(seed);
  return {"normal", normal_matrix(normals, rows, cols), normal_matrix(normals, rows, cols)};
}

std::vector<InputPair> hard_pairs() {
  Normals normals(21);
  std::vector<InputPair> pairs;
  pairs.push_back({"Student t(3)", student_matrix(normals), student_matrix(normals)});

  pairs.push_back(normal_pair(kRows, kCols, 22));
  pairs.back().name = "1 % of rows large";
  for (Index i = 0; i < kRows; i += 100)
    for (double& x : pairs.back().a.view().row(i)) x *= 30;

  pairs.push_back({"one-hot", one_hot_matrix(normals), one_hot_matrix(normals)});

  pairs.push_back(normal_pair(kRows, kCols, 23));
  pairs.back().name = "means of 10";
  for (Matrix<double>* matrix : {&pairs.back().a, &pairs.back().b})
    for (double& x : matrix->storage) x += 10;

  const Matrix<double> factor = normal_matrix(normals, kRows, 1);
  pairs.push_back({"shared factor", sharing(normals, factor), sharing(normals, factor)});

  Matrix<double> a = falling_spectrum(normals), b = normal_matrix(normals, kRows, kCols);
  const double spread = std::sqrt(squared_norm(a) / static_cast<double>(a.storage.size()));
  for (std::size_t i = 0; i < a.storage.size(); ++i)
    b.storage[i] = a.storage[i] + 0.3 * spread * b.storage[i];
  pairs.push_back({"falling spectrum", std::move(a), std::move(b)});

  pairs.push_back(normal_pair(128, 128, 24));
  pairs.back().name = "short columns";
  return pairs;
}

double distortion(const Matrix<double>& w, const InputPair& pair) {
  return squared_distance(w, exact_product(pair.a, pair.b)) * static_cast<double>(pair.a.rows) /
         squared_centred_norm(pair.a) / squared_centred_norm(pair.b);
}

Deviations deviations(const ProductEstimate& estimate, const Matrix<double>& truth, bool diagonal) {
  Deviations result;
  double count = 0;
  for (Index i = 0; i < truth.rows; ++i)
    for (Index j = 0; j < truth.cols; ++j) {
      if (i == j && !diagonal) continue;
      const double z =
          (estimate.value(i, j) - truth(i, j)) / estimate.standard_deviation(i, j);
      result.root_mean_square += z * z;
      result.beyond_three += std::abs(z) > 3 ? 1 : 0;
      ++count;
    }
  result.root_mean_square = std::sqrt(result.root_mean_square / count);
  result.beyond_three /= count;
  return result;
}

}  // namespace prodigest::lattice
