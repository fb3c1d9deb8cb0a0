#pragma once
// The random matrices in polynomial sketches.

#include "prodigest/attention/attention_spec.hpp"
#include "prodigest/base/matrix.hpp"

namespace prodigest::attention {

constexpr Index kMostNames = Index{1} << 20;                    // of rows of one matrix
constexpr std::uint64_t kMostStreams = std::uint64_t{1} << 40;  // of sketches of one seed

/// Matrix `number` < 16 of a sketch, drawn as polynomial_sketch.hpp says: E G Gᵀ = size * I, and
/// its columns are alike and their signs independent of one another.
/// @shape inputs x spec.size  @complexity O(inputs * size), kOrthogonal O(inputs * size *
/// min(both))
Matrix<double> sketch_matrix(const AttentionSpec& spec, std::uint64_t stream, int number,
                             Index inputs);

}  // namespace prodigest::attention
