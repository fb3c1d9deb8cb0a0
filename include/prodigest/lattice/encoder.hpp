#pragma once
/// Making codes, column by column.

#include <memory>
#include <span>

#include "prodigest/base/matrix.hpp"
#include "prodigest/core/context.hpp"
#include "prodigest/core/schema.hpp"
#include "prodigest/io/row_reader.hpp"
#include "prodigest/lattice/lattice_codes.hpp"

namespace prodigest::lattice {

/// Codes columns as they come: keys and values of a cache, embeddings of new documents. A column's
/// codes depend on the spec and on itself alone. Memory: the codes, and one panel of columns a
/// thread.
///
/// @source Ordentlich, Polyanskiy, "Optimal quantization for matrix multiplication"; what differs
/// from the papers, and why, is in docs/theory/lattice.md
class LatticeEncoder {
 public:
  /// @param rows n, >= 1  @throws Error{kInvalidArgument} if the spec is invalid or its size > rows
  LatticeEncoder(const LatticeSpec& spec, Index rows);
  LatticeEncoder(LatticeEncoder&&) noexcept;
  LatticeEncoder& operator=(LatticeEncoder&&) noexcept;
  ~LatticeEncoder();

  Index cols() const noexcept;  ///< columns so far

  /// Adds the columns of a block; context.progress counts columns.  @shape columns: n x c
  /// @complexity O(n c log n), in parallel over columns
  /// @throws Error{kInvalidArgument} on NaN, Inf, an entry beyond 1e18 in size, another number of
  /// rows; Error{kCancelled}. After a throw the encoder is as it was before the call.
  void append(const RowsView& columns, const Context& context = {});
  /// Adds columns that lie one after the other, as embeddings do: row i of the block is a column.
  /// @shape vectors: c x n
  void append_vectors(const RowsView& vectors, const Context& context = {});

  /// The codes of all columns so far; the encoder goes on.
  /// @param schema names [cols()] or none
  LatticeCodes snapshot(Schema schema = {}) const;
  LatticeCodes finish(Schema schema = {}) &&;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Codes all rows that the reader has left. Rows with keys are put in the order of their ids first,
/// so that both sides of a product have them alike; context.progress counts rows read.
/// Memory: the matrix
/// @throws Error as LatticeEncoder and the reader do, and Error{kInvalidArgument} on a repeated key
LatticeCodes encode_rows(io::RowReader& reader, const LatticeSpec& spec, const Schema& schema = {},
                         const Context& context = {});

/// The same for a matrix in memory, where context.progress counts columns; rows are numbered 0, 1,
/// 2... if row_ids is empty.
/// @shape a: n x d, row_ids: [n] or empty
LatticeCodes encode_rows(const RowsView& a, const LatticeSpec& spec,
                         std::span<const RowId> row_ids = {}, const Schema& schema = {},
                         const Context& context = {});

/// Codes Aᵀ: each row that the reader has left becomes a column, one block at a time. Row ids name
/// columns then and are not kept.  Memory: the codes
LatticeCodes encode_vectors(io::RowReader& reader, const LatticeSpec& spec,
                            const Context& context = {});

/// Whether a rotation does harm: columns so sparse, or with so few entries that matter, that coding
/// them as they are errs less. True if 4 bits with a scale for each 32 rows ("group4") lose less
/// than a quarter of what F4 loses after a rotation: sum over all but the largest of 32 entries of
/// min(x², level² / 12), a level being that largest / 7.5, against 0.0043 of the square of the
/// centred columns.
/// @complexity O(entries) of the block
bool better_unrotated(const RowsView& columns);

}  // namespace prodigest::lattice
