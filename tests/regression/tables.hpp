#pragma once
// Matrices to regress on, and the exact answers.

#include <span>
#include <string>
#include <vector>

#include "prodigest/regression/regress.hpp"
#include "prodigest/sampling/row_sample.hpp"
#include "reference/matrices.hpp"

namespace prodigest::regression {

/// A sample of a matrix by the text of its spec.
sampling::RowSample sample(const Matrix<double>& a, const std::string& spec,
                           const Schema& schema = {});

/// The spec with a seed and a size.
std::string with(const std::string& spec, Index size, int seed);

/// a x + constant + noise, as a column.
Matrix<double> target_of(const Matrix<double>& a, std::span<const double> x, double constant = 0,
                         double noise = 0, Normals* normals = nullptr);

/// Closed form of a whole matrix: minimises ||a x + x0 - b||² + ridge ||x||².  -> x, and x0 last
std::vector<double> exact_solution(const Matrix<double>& a, const Matrix<double>& b, double ridge,
                                   bool intercept);

/// ||a x + x0 - b||.
double residual(const Matrix<double>& a, const Matrix<double>& b, std::span<const double> x,
                double constant = 0);

/// Explained share of ||b||² about its mean, or about 0.
double exact_r_squared(const Matrix<double>& a, const Matrix<double>& b, bool intercept);

std::vector<double> values_of(const Regression& result);
bool warned(const Regression& result, Warning::Kind kind);
/// The warning's message, or "".
std::string message_of(const Regression& result, Warning::Kind kind);

/// Columns that few rows decide: `plain` normal columns and `spiky` ones that are 30 in 3 rows,
/// else 0.
Matrix<double> spiky_matrix(Normals& normals, Index rows, Index plain, Index spiky);

}  // namespace prodigest::regression
