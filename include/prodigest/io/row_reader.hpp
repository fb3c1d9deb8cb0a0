#pragma once
/// Reading matrices from files, a block of rows at a time.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/base/types.hpp"
#include "prodigest/core/key.hpp"

namespace prodigest::io {

/// Consecutive rows of a file. What it points to lives until the reader's next call.
struct RowBlock {
  RowsView rows;
  RowId first_row = 0;             ///< used when row_ids is empty: rows first_row, first_row + 1...
  std::span<const RowId> row_ids;  ///< [rows] if there is a key or rows are left out, else empty
};

/// One pass over the rows of a matrix in a file, in the order of the file.
class RowReader {
 public:
  virtual ~RowReader() = default;
  virtual Index cols() const = 0;
  /// [cols], or empty if the format has no names.
  virtual const std::vector<std::string>& column_names() const = 0;
  /// Reads the next block of one or more rows; false at the end of the file.
  /// @throws Error{kFormat} or Error{kInvalidArgument}, saying where in the file
  virtual bool next(RowBlock& block) = 0;
  /// Goes back to the first row.  @throws Error{kUnsupported} for a pipe
  virtual void rewind() = 0;
  /// What a person should know about how the file was read, e.g. which text columns were left out.
  virtual std::vector<std::string> notes() const { return {}; }
};

/// What to do with an empty or NA cell of a text table.
enum class MissingCells {
  kError,    ///< refuse the file, saying where
  kZero,     ///< take 0
  kDropRow,  ///< leave the row out
};

/// How to read. Members that a format has no use for must be left alone (checked).
struct ReadOptions {
  std::vector<std::string> key{};      ///< csv: the key columns; empty: rows are numbered from 0
  KeyEncoding key_encoding = KeyEncoding::kTyped;
  std::vector<std::string> columns{};  ///< columns to keep, by name; empty: all numeric ones;
                                       ///< npy, npz: by number, "0", "1", ...;
                                       ///< svmlight: {"label"} reads the labels
  MissingCells missing = MissingCells::kError;
  bool header = true;                  ///< csv: the first line has names; else "0", "1", ...
  std::string words{};                 ///< csv: text column read as a bag of words (sparse, 0/1)
  Index vocabulary_size = 512;         ///< csv words: keep that many, those most rows have
  std::vector<std::string> vocabulary{};  ///< csv words: keep exactly these, in this order
  std::string array{};                 ///< npz: name of the array; empty: the only one
  bool zero_based = false;             ///< svmlight: feature indices begin at 0
  Index features = 0;                  ///< svmlight: number of features; 0: found in a first pass
  RowId first_row = 0;                 ///< number of the first row of a file without a key
  bool presence = false;  ///< a column of ones, "present", in front: counts what a join holds
  std::size_t block_bytes = std::size_t{8} << 20;  ///< aimed size of a block
};

/// Opens a matrix by its extension: .npy .npz .mtx .svm .libsvm .svmlight .csv .tsv, each but .npz
/// also .gz.
/// "-" is standard input, read as CSV.
/// Dense formats give dense blocks, sparse ones CSR; float stays float, all else becomes double.
/// Memory: one block, two of .npy and .npz (the next one is read meanwhile). The whole matrix: .mtx
/// (unless its entries are sorted by row), csc and coo in .npz, and packed arrays in Fortran order.
/// Besides, a csv's vocabulary; with presence, one block more.
/// @throws Error{kIo, kFormat, kUnsupported, kInvalidArgument}
std::unique_ptr<RowReader> open_rows(const std::filesystem::path& path,
                                     const ReadOptions& options = {});

}  // namespace prodigest::io
