#include "coding/coded_product.hpp"

#include <tbb/cache_aligned_allocator.h>
#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "coding/int8_product.hpp"
#include "coding/vector_code.hpp"
#include "core/parallel.hpp"

namespace prodigest::coding {
namespace {

constexpr Index kGap = 64;  // between decoded vectors, else they evict each other from the cache

Index padded(Index length) { return (length + 63) / 64 * 64; }
Index parts(Index size, Index part) { return (size + part - 1) / part; }

struct Range {
  Index first, count;
  Index end() const { return first + count; }
};
// The part of [0, size) that begins at `first` and has at most `most`.
Range part_of(Index size, Index first, Index most) { return {first, std::min(most, size - first)}; }

// Coordinates of some of the vectors; the first is a multiple of 512.
CodedVectors piece_of(const Coding& coding, const CodedVectors& all, Range vectors,
                      Range coordinates) {
  return {all.codes + vectors.first * all.stride + code_bytes(coding, coordinates.first),
          all.stride, vectors.count, coordinates.count};
}

Context quiet(const Context& context) {
  return {.threads = context.threads, .cancel = context.cancel};
}

// Of matrices: a panel of b stays in the second-level cache, and a is decoded a few vectors at a
// time.
constexpr Index kPiece = 2048, kMostRows = 512, kMostCols = 256, kLeastSide = 64;
constexpr Index kRowsAtOnce = 32;
constexpr Index kStride = kPiece + kGap;

struct Scratch {
  using Bytes = std::vector<std::int8_t, tbb::cache_aligned_allocator<std::int8_t>>;
  Bytes a, b;
  std::vector<std::int32_t> products;

  Scratch() : a(kRowsAtOnce * kStride), b(kMostCols * kStride), products(kRowsAtOnce * kMostCols) {}
};

void multiply_tile(const ScaledCodes& a, Range rows, const ScaledCodes& b, Range cols,
                   MatrixView<double> out, Scratch& scratch) {
  for (Index i = rows.first; i < rows.end(); ++i)
    std::fill_n(out.row_data(i) + cols.first, cols.count, 0.0);
  const Index length = a.vectors.length;
  for (Index at = 0; at < length; at += kPiece) {
    const Range piece = part_of(length, at, kPiece);
    decode_values(b.coding, piece_of(b.coding, b.vectors, cols, piece), scratch.b.data(), kStride);
    for (Index first = rows.first; first < rows.end(); first += kRowsAtOnce) {
      const Range some = part_of(rows.end(), first, kRowsAtOnce);
      decode_values(a.coding, piece_of(a.coding, a.vectors, some, piece), scratch.a.data(),
                    kStride);
      multiply_int8({scratch.a.data(), kStride, some.count},
                    {scratch.b.data(), kStride, cols.count}, padded(piece.count),
                    scratch.products.data(), kMostCols);
      for (Index i = 0; i < some.count; ++i) {
        const std::int32_t* const products = scratch.products.data() + i * kMostCols;
        double* const sums = out.row_data(first + i) + cols.first;
        for (Index j = 0; j < cols.count; ++j) sums[j] += products[j];
      }
    }
  }
  for (Index i = rows.first; i < rows.end(); ++i)
    for (Index j = cols.first; j < cols.end(); ++j)
      out(i, j) *= double{a.scale[i]} * double{b.scale[j]};
}

// Of vectors: as many at once as take a third of the first-level cache. Vectors are decoded one
// after the other, as they lie in memory, unless that cache cannot hold what they are multiplied
// by.
constexpr Index kMostWhole = 8192, kPieceOfLong = 2048, kLongAtOnce = 4;
constexpr Index kDecodedBytes = kLongAtOnce * (kPieceOfLong + kGap);
constexpr Index kMostAtOnce = kDecodedBytes / (64 + kGap);

// Calls visit(vectors, values, coordinates) for each piece of each few of the vectors.
template <class Visit>
void for_each_decoded(const Coding& coding, const CodedVectors& vectors, Range all,
                      const Visit& visit) {
  alignas(64) std::int8_t values[kDecodedBytes];
  const bool whole = vectors.length <= kMostWhole;
  const Index most = whole ? kMostWhole : kPieceOfLong;
  const Index stride = std::min(padded(vectors.length), most) + kGap;
  Index at_once = kDecodedBytes / stride;
  if (at_once > 4) at_once = at_once / 4 * 4;
  for (Index first = all.first; first < all.end(); first += at_once)
    for (Index at = 0; at < vectors.length; at += most) {
      const Range some = part_of(all.end(), first, at_once);
      const Range piece = part_of(vectors.length, at, most);
      decode_values(coding, piece_of(coding, vectors, some, piece), values, stride);
      visit(some, Int8Vectors{values, stride, some.count}, piece);
    }
}

}  // namespace

void multiply_coded(const ScaledCodes& a, const ScaledCodes& b, MatrixView<double> out,
                    const Context& context) {
  // Large tiles have the least to decode, small ones keep all threads busy.
  Index height = kMostRows, width = kMostCols;
  const Index threads = wanted_threads(context), wanted = threads > 1 ? 4 * threads : 1;
  while (parts(a.vectors.count, height) * parts(b.vectors.count, width) < wanted &&
         std::max(height, width) > kLeastSide)
    (height >= width ? height : width) /= 2;

  const bool symmetric = a == b;
  const Index across = parts(b.vectors.count, width);
  tbb::enumerable_thread_specific<Scratch> scratch;
  parallel_blocks(quiet(context), parts(a.vectors.count, height) * across, 1,
                  [&](Index tile, Index) {
                    const Range rows = part_of(a.vectors.count, tile / across * height, height);
                    const Range cols = part_of(b.vectors.count, tile % across * width, width);
                    if (symmetric && cols.end() <= rows.first) return;
                    multiply_tile(a, rows, b, cols, out, scratch.local());
                  });
  for (Index i = 0; symmetric && i < out.rows; ++i)
    for (Index j = 0; j < i; ++j) out(i, j) = out(j, i);
}

void multiply_coded(const ScaledCodes& a, std::span<const std::int8_t> y, float scale_y,
                    std::span<float> out, const Context& context) {
  constexpr Index kGrain = Index{1} << 18;  // coordinates
  const Index length = a.vectors.length;
  const Index grain = std::max(kMostAtOnce, kGrain / std::max(Index{1}, length) / 4 * 4);
  std::ranges::fill(out, 0.0f);
  parallel_blocks(quiet(context), a.vectors.count, grain, [&](Index first, Index count) {
    std::int32_t products[kMostAtOnce];
    double sums[kMostAtOnce];
    for_each_decoded(a.coding, a.vectors, {first, count},
                     [&](Range some, const Int8Vectors& values, Range piece) {
                       multiply_int8(values, y.data() + piece.first, padded(piece.count), products);
                       if (piece.first == 0) std::fill_n(sums, some.count, 0.0);
                       for (Index v = 0; v < some.count; ++v) sums[v] += products[v];
                       if (piece.end() < length) return;
                       for (Index v = 0; v < some.count; ++v)
                         out[static_cast<std::size_t>(some.first + v)] = static_cast<float>(
                             double{scale_y} * double{a.scale[some.first + v]} * sums[v]);
                     });
  });
}

void squared_lengths(const Coding& coding, const CodedVectors& vectors, std::span<std::int64_t> out,
                     const Context& context) {
  std::ranges::fill(out, 0);
  parallel_blocks(quiet(context), vectors.count, kMostAtOnce, [&](Index first, Index count) {
    for_each_decoded(coding, vectors, {first, count},
                     [&](Range some, const Int8Vectors& values, Range piece) {
                       for (Index v = 0; v < some.count; ++v) {
                         const std::int8_t* const x = values.values + v * values.stride;
                         std::int32_t square;
                         multiply_int8({x, 0, 1}, x, padded(piece.count), &square);
                         out[static_cast<std::size_t>(some.first + v)] += square;
                       }
                     });
  });
}

}  // namespace prodigest::coding
