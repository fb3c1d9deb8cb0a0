#pragma once
// The random matrices in polynomial sketches.

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/core/random.hpp"

namespace prodigest::attention {

constexpr Index kMostNames = Index{1} << 20;                    // of rows of one matrix
constexpr std::uint64_t kMostStreams = std::uint64_t{1} << 40;  // of sketches of one seed

/// Matrix `number` < 16 of a sketch, drawn as polynomial_sketch.hpp says: E G Gᵀ = size * I, and
/// its columns are alike and their signs independent of one another.
/// @shape inputs x spec.size  @complexity O(inputs * size), kOrthogonal O(inputs * size *
/// min(both))
Matrix<double> sketch_matrix(const AttentionSpec& spec, std::uint64_t stream, int number,
                             Index inputs);

/// Independent normals: row i is that of row first_row + i of the domain.
Matrix<double> gaussian_matrix(Seed seed, Domain domain, RowId first_row, Index inputs, Index size);

/// Columns [first, first + count), of independent normals, become orthogonal and of squared length
/// g.rows: a frame of uniform direction, whose signs are fair.
void make_orthogonal(Matrix<double>& g, Index first, Index count);

}  // namespace prodigest::attention
