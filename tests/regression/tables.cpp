#include "regression/tables.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "prodigest/sampling/sample_rows.hpp"

namespace prodigest::regression {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXd eigen_of(const Matrix<double>& a) {
  return Eigen::Map<const RowMajor>(a.storage.data(), a.rows, a.cols);
}

}  // namespace

sampling::RowSample sample(const Matrix<double>& a, const std::string& spec, const Schema& schema) {
  return sampling::sample_rows(a.view(), sampling::parse_sample_spec(spec), {}, schema);
}

std::string with(const std::string& spec, Index size, int seed) {
  const bool threshold = spec.starts_with("threshold");
  const std::string rest = threshold ? spec.substr(9) : spec;
  return std::string(threshold ? "threshold" : "priority") + ":size=" + std::to_string(size) +
         ",seed=" + std::to_string(seed) + (rest.empty() || rest[0] == ',' ? rest : "," + rest);
}

Matrix<double> target_of(const Matrix<double>& a, std::span<const double> x, double constant,
                         double noise, Normals* normals) {
  Matrix<double> b(a.rows, 1);
  for (Index i = 0; i < a.rows; ++i) {
    b(i, 0) = constant + (normals ? noise * (*normals)() : 0);
    for (Index j = 0; j < a.cols; ++j) b(i, 0) += a(i, j) * x[static_cast<std::size_t>(j)];
  }
  return b;
}

std::vector<double> exact_solution(const Matrix<double>& a, const Matrix<double>& b, double ridge,
                                   bool intercept) {
  Eigen::MatrixXd x = eigen_of(a);
  Eigen::VectorXd y = eigen_of(b).col(0);
  const Eigen::RowVectorXd means = x.colwise().mean();
  const double mean = y.mean();
  if (intercept) {
    x.rowwise() -= means;
    y.array() -= mean;
  }
  Eigen::MatrixXd tall(x.rows() + x.cols(), x.cols());
  tall << x, std::sqrt(ridge) * Eigen::MatrixXd::Identity(x.cols(), x.cols());
  Eigen::VectorXd long_y = Eigen::VectorXd::Zero(tall.rows());
  long_y.head(y.size()) = y;
  const Eigen::VectorXd solution = tall.completeOrthogonalDecomposition().solve(long_y);
  std::vector<double> result(solution.data(), solution.data() + solution.size());
  result.push_back(intercept ? mean - means.dot(solution) : 0);
  return result;
}

double residual(const Matrix<double>& a, const Matrix<double>& b, std::span<const double> x,
                double constant) {
  double sum = 0;
  for (Index i = 0; i < a.rows; ++i) {
    double error = b(i, 0) - constant;
    for (Index j = 0; j < a.cols; ++j) error -= a(i, j) * x[static_cast<std::size_t>(j)];
    sum += error * error;
  }
  return std::sqrt(sum);
}

double exact_r_squared(const Matrix<double>& a, const Matrix<double>& b, bool intercept) {
  const std::vector<double> x = exact_solution(a, b, 0, intercept);
  double mean = 0;
  for (const double y : b.storage) mean += y / static_cast<double>(b.rows);
  const double fitted = residual(a, b, x, x.back());
  const double total = residual(Matrix<double>(b.rows, 0), b, {}, intercept ? mean : 0);
  return 1 - fitted * fitted / (total * total);
}

std::vector<double> values_of(const Regression& result) {
  std::vector<double> values;
  for (const Coefficient& coefficient : result.coefficients) values.push_back(coefficient.value);
  return values;
}

std::string message_of(const Regression& result, Warning::Kind kind) {
  const auto found = std::ranges::find(result.warnings, kind, &Warning::kind);
  return found == result.warnings.end() ? "" : found->message;
}

bool warned(const Regression& result, Warning::Kind kind) {
  return !message_of(result, kind).empty();
}

Matrix<double> spiky_matrix(Normals& normals, Index rows, Index plain, Index spiky) {
  Matrix<double> a(rows, plain + spiky);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < plain; ++j) a(i, j) = normals();
  for (Index j = plain; j < plain + spiky; ++j)
    for (int count = 0; count < 3;) {
      double& entry = a(static_cast<Index>(normals.uniform() * static_cast<double>(rows)), j);
      count += entry == 0;
      entry = 30;
    }
  return a;
}

}  // namespace prodigest::regression
