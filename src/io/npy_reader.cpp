#include "io/npy_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "io/column_numbers.hpp"
#include "io/gzip_stream.hpp"
#include "io/npy_array.hpp"
#include "io/npy_decode.hpp"
#include "io/prefetch.hpp"
#include "io/unused_options.hpp"

namespace prodigest::io {

namespace {

struct MatrixShape {
  Index rows = 0;
  Index cols = 0;
};

MatrixShape matrix_shape(const NpyArray& array) {
  const std::vector<Index>& shape = array.header().shape;
  if (shape.size() == 1) return {shape[0], 1};
  if (shape.size() == 2) return {shape[0], shape[1]};
  fail(ErrorCode::kUnsupported,
       "{}: expected a matrix (2-D) or a vector (1-D), got shape {} (save arr.reshape(n, d))",
       array.name(), shape_text(shape));
}

template <Real T>
class NpyReader final : public RowReader {
 public:
  NpyReader(NpyArray array, const ReadOptions& options)
      : array_(std::move(array)),
        shape_(matrix_shape(array_)),
        chosen_(column_numbers(array_.name(), options.columns, shape_.cols)),
        names_(options.columns),
        cols_(chosen_.empty() ? shape_.cols : static_cast<Index>(chosen_.size())),
        // One row or one column lies the same in both orders.
        by_columns_(array_.header().fortran_order && shape_.rows > 1 && shape_.cols > 1),
        first_row_(options.first_row) {
    if (by_columns_) array_.allow_random_access();
    const Index cols_read = by_columns_ ? cols_ : shape_.cols;
    const auto elements = static_cast<Index>(options.block_bytes / sizeof(T));
    rows_per_block_ = std::max<Index>(1, elements / std::max<Index>(1, cols_read));
  }

  Index cols() const override { return cols_; }
  const std::vector<std::string>& column_names() const override { return names_; }

  bool next(RowBlock& block) override {
    const Block* filled = blocks_.next();
    if (filled == nullptr) return false;
    block.rows = MatrixView<const T>(filled->values.data(), filled->rows, cols_);
    block.first_row = first_row_ + static_cast<RowId>(filled->first_row);
    block.row_ids = {};
    return true;
  }

  void rewind() override {
    blocks_.reset();
    if (!by_columns_) array_.rewind();
    next_row_ = 0;
  }

 private:
  struct Block {
    std::vector<T> values;
    Index first_row = 0;
    Index rows = 0;
  };

  bool fill(Block& block) {
    block.first_row = next_row_;
    block.rows = std::min(rows_per_block_, shape_.rows - next_row_);
    if (block.rows > 0) read_rows(block.rows, block.values);
    next_row_ += block.rows;
    // Before the last block is given away: what is packed has its checksum after it.
    if (next_row_ == shape_.rows && !by_columns_) array_.expect_end();
    return block.rows > 0;
  }

  void read_rows(Index rows, std::vector<T>& out) {
    const auto count = static_cast<std::size_t>(rows);
    const std::size_t size = count * static_cast<std::size_t>(cols_);
    if (!by_columns_ && chosen_.empty()) return array_.read(size, out);
    const ElementGrid grid = by_columns_ ? read_columns(count) : read_whole_rows(count);
    out.resize(size);
    if (const auto inexact = decode(array_.type(), grid, out.data())) {
      array_.template refuse_element<T>(next_row_ + inexact->row, stored_column(inexact->col),
                                        inexact->value);
    }
  }

  /// The next rows, of which the chosen columns are wanted.
  ElementGrid read_whole_rows(std::size_t rows) {
    const std::size_t size = size_of(array_.type());
    const std::size_t row_bytes = static_cast<std::size_t>(shape_.cols) * size;
    array_.read_stored(rows * row_bytes, stored_);
    return {stored_.data(), row_bytes, size, chosen_, static_cast<Index>(rows), cols_};
  }

  /// The next rows of an array that is stored by columns: a slice of each chosen column.
  ElementGrid read_columns(std::size_t rows) {
    const std::size_t size = size_of(array_.type());
    const std::size_t slice = rows * size;
    stored_.resize(slice * static_cast<std::size_t>(cols_));
    for (Index c = 0; c < cols_; ++c) {
      const Index element = stored_column(c) * shape_.rows + next_row_;
      array_.read_at(static_cast<std::uint64_t>(element) * size,
                     std::span(stored_).subspan(static_cast<std::size_t>(c) * slice, slice));
    }
    return {stored_.data(), size, slice, {}, static_cast<Index>(rows), cols_};
  }

  Index stored_column(Index c) const {
    return chosen_.empty() ? c : chosen_[static_cast<std::size_t>(c)];
  }

  NpyArray array_;
  MatrixShape shape_;
  std::vector<Index> chosen_;  // columns; empty: all
  std::vector<std::string> names_;
  Index cols_;
  bool by_columns_;
  RowId first_row_;
  Index rows_per_block_ = 1;
  Index next_row_ = 0;
  std::vector<std::byte> stored_;
  // Last, for it uses the rest.
  Prefetcher<Block> blocks_{[this](Block& block) { return fill(block); }};
};

}  // namespace

std::unique_ptr<RowReader> open_npy(const std::filesystem::path& path, const ReadOptions& options) {
  refuse_unused_options(path.string(), "a .npy file", options, {ReadOption::kColumns});
  return npy_rows(inflated_if_gzip(open_byte_stream(path)), options);
}

std::unique_ptr<RowReader> npy_rows(std::unique_ptr<ByteStream> stream,
                                    const ReadOptions& options) {
  NpyArray array(std::move(stream));
  if (array.type() == NpyType::kF32) {
    return std::make_unique<NpyReader<float>>(std::move(array), options);
  }
  return std::make_unique<NpyReader<double>>(std::move(array), options);
}

}  // namespace prodigest::io
