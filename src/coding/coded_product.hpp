#pragma once
// Products straight from codes, a panel at a time, with formats that decode to int8. Sums are exact
// integers, so results have the same bits with any number of threads and any instruction set.

#include <cstdint>
#include <span>

#include "coding/decode_blocks.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/coding/format.hpp"
#include "prodigest/core/context.hpp"

namespace prodigest::coding {

/// Vectors x̂_v = scale[v] * decoded codes.
struct ScaledCodes {
  Coding coding;  ///< decodes_to_int8
  CodedVectors vectors;
  const float* scale = nullptr;  ///< [vectors.count]
  friend bool operator==(const ScaledCodes&, const ScaledCodes&) = default;
};

/// out(i, j) = scale_a[i] scale_b[j] <a_i, b_j>, the vectors of both of one length.
/// @shape out: [a.count, b.count]  Memory: less than 1 MB a thread
/// @complexity a.count * b.count * length multiply-adds, half of it if b == a; both sides are
/// decoded once for each few hundred vectors of the other
void multiply_coded(const ScaledCodes& a, const ScaledCodes& b, MatrixView<double> out,
                    const Context& context);

/// out[v] = scale_y scale[v] <a_v, y>; codes are read once, and with one thread nothing is
/// allocated.
/// @shape y: [length rounded up to a multiple of 64], in [-127, 127], zeros past length; out:
/// [count]
void multiply_coded(const ScaledCodes& a, std::span<const std::int8_t> y, float scale_y,
                    std::span<float> out, const Context& context);

/// out[v] = the sum of the squares of the decoded values of vector v, its scale left out.
void squared_lengths(const Coding& coding, const CodedVectors& vectors, std::span<std::int64_t> out,
                     const Context& context);

}  // namespace prodigest::coding
