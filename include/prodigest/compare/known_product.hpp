#pragma once
/// A pair of matrices in memory and their product: what digests are held against.

#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/io/row_reader.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::compare {

/// A matrix in memory: the sample that keeps every row, zero rows too, and meets samples of this
/// seed.
/// @throws Error as sampling::sample_rows
sampling::RowSample whole_matrix(io::RowReader& reader, const Schema& schema = {},
                                 const Context& context = {}, Seed seed = {});
/// @shape rows: n x d, row_ids: [n] or empty: rows are numbered 0, 1, 2...
sampling::RowSample whole_matrix(const RowsView& rows, std::span<const RowId> row_ids = {},
                                 const Schema& schema = {}, const Context& context = {});

/// Two whole matrices, rows met by id, and AᵀB.
struct KnownProduct {
  sampling::RowSample a, b;
  Matrix<double> value;  ///< d x m
  double norm_a = 0, norm_b = 0;

  /// @throws Error{kInvalidArgument} unless both samples are whole matrices, Error{kIncompatible}
  /// on keys that cannot meet
  KnownProduct(sampling::RowSample whole_a, sampling::RowSample whole_b,
               const Context& context = {});

  /// The product's scale: ||A|| ||B||.
  double scale() const noexcept { return norm_a * norm_b; }
  /// ||estimate - AᵀB|| / (||A|| ||B||); 0 if a matrix is zero.
  double relative_error(const Matrix<double>& estimate) const;
};

/// ||a - b||_F  @throws Error{kInvalidArgument} on different shapes
double frobenius_distance(const Matrix<double>& a, const Matrix<double>& b);

}  // namespace prodigest::compare
