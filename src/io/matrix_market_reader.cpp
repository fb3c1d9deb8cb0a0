#include "io/matrix_market_reader.hpp"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "io/csr_block.hpp"
#include "io/matrix_market_file.hpp"
#include "io/unused_options.hpp"

namespace prodigest::io {
namespace {

using Entry = MatrixMarketFile::Entry;
using Symmetry = MatrixMarketFile::Symmetry;

const std::vector<std::string> kNoNames;

bool by_row(const Entry& a, const Entry& b) { return a.row < b.row; }
bool by_column(const Entry& a, const Entry& b) { return a.column < b.column; }

class CoordinateReader final : public RowReader {
 public:
  CoordinateReader(std::unique_ptr<MatrixMarketFile> file, const ReadOptions& options,
                   bool may_stream)
      : file_(std::move(file)),
        first_row_(options.first_row),
        block_(file_->cols(), options.block_bytes) {
    streams_ = may_stream && file_->symmetry() == Symmetry::kGeneral && is_sorted_by_row();
    if (!streams_) read_all();
    start();
  }

  Index cols() const override { return file_->cols(); }
  const std::vector<std::string>& column_names() const override { return kNoNames; }

  bool next(RowBlock& block) override {
    block_.clear();
    block.first_row = first_row_ + static_cast<RowId>(row_);
    for (; row_ < file_->rows() && !block_.full(); ++row_) append_row();
    block.rows = block_.view();
    block.row_ids = {};
    return block_.rows() > 0;
  }

  void rewind() override {
    if (streams_) file_->rewind();
    start();
  }

 private:
  bool is_sorted_by_row() {
    bool sorted = true;
    Index last_row = 0;
    for (Entry entry; sorted && file_->next_entry(entry);) {
      sorted = last_row <= entry.row;
      last_row = entry.row;
    }
    file_->rewind();
    return sorted;
  }

  void read_all() {
    const double mirrored_sign = file_->symmetry() == Symmetry::kSkewSymmetric ? -1.0 : 1.0;
    for (Entry entry; file_->next_entry(entry);) {
      entries_.push_back(entry);
      if (file_->symmetry() != Symmetry::kGeneral && entry.row != entry.column)
        entries_.push_back(
            {entry.column, static_cast<std::int32_t>(entry.row), mirrored_sign * entry.value});
    }
    // Stable, so that entries of one place are added in the order of the file.
    if (!std::is_sorted(entries_.begin(), entries_.end(), by_row))
      std::stable_sort(entries_.begin(), entries_.end(), by_row);
  }

  void start() {
    row_ = 0;
    next_entry_ = 0;
    advance();
  }

  void advance() {
    if (streams_) {
      has_pending_ = file_->next_entry(pending_);
    } else {
      has_pending_ = next_entry_ < entries_.size();
      if (has_pending_) pending_ = entries_[next_entry_++];
    }
  }

  void append_row() {
    row_entries_.clear();
    for (; has_pending_ && pending_.row == row_; advance()) row_entries_.push_back(pending_);
    if (!std::is_sorted(row_entries_.begin(), row_entries_.end(), by_column))
      std::stable_sort(row_entries_.begin(), row_entries_.end(), by_column);
    for (auto entry = row_entries_.begin(); entry != row_entries_.end();) {
      const std::int32_t column = entry->column;
      double sum = 0;
      for (; entry != row_entries_.end() && entry->column == column; ++entry) sum += entry->value;
      if (sum != 0) block_.add(column, sum);
    }
    block_.end_row();
  }

  std::unique_ptr<MatrixMarketFile> file_;
  RowId first_row_;
  bool streams_ = false;
  std::vector<Entry> entries_;  // the whole matrix, sorted by row, unless it streams
  std::size_t next_entry_ = 0;  // of entries_
  bool has_pending_ = false;    // pending_ is the next entry not yet in a row
  Entry pending_{};
  Index row_ = 0;  // to be read next
  std::vector<Entry> row_entries_;
  CsrBlock block_;
};

class ArrayReader final : public RowReader {
 public:
  ArrayReader(std::unique_ptr<MatrixMarketFile> file, const ReadOptions& options)
      : first_row_(options.first_row) {
    read_all(*file);
    const Index row_bytes = std::max<Index>(1, matrix_.cols * static_cast<Index>(sizeof(double)));
    rows_per_block_ = std::max<Index>(1, static_cast<Index>(options.block_bytes) / row_bytes);
  }

  Index cols() const override { return matrix_.cols; }
  const std::vector<std::string>& column_names() const override { return kNoNames; }

  bool next(RowBlock& block) override {
    const Index rows = std::min(rows_per_block_, matrix_.rows - row_);
    block.first_row = first_row_ + static_cast<RowId>(row_);
    block.rows = std::as_const(matrix_).view().slice(row_, rows);
    block.row_ids = {};
    row_ += rows;
    return rows > 0;
  }

  void rewind() override { row_ = 0; }

 private:
  void read_all(MatrixMarketFile& file) {
    // The matrix is made after the count of its entries was checked: a header can claim any size.
    std::vector<double> values;
    for (double value = 0; file.next_value(value);) values.push_back(value);
    matrix_ = Matrix<double>(file.rows(), file.cols());
    auto value = values.begin();
    for (Index j = 0; j < file.cols(); ++j) {
      switch (file.symmetry()) {
        case Symmetry::kGeneral:
          for (Index i = 0; i < file.rows(); ++i) matrix_(i, j) = *value++;
          break;
        case Symmetry::kSymmetric:
          for (Index i = j; i < file.rows(); ++i) matrix_(i, j) = matrix_(j, i) = *value++;
          break;
        case Symmetry::kSkewSymmetric:
          for (Index i = j + 1; i < file.rows(); ++i) {
            matrix_(i, j) = *value;
            matrix_(j, i) = -*value++;
          }
          break;
      }
    }
  }

  RowId first_row_;
  Matrix<double> matrix_;
  Index rows_per_block_ = 1;
  Index row_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> open_matrix_market(const std::filesystem::path& path,
                                              const ReadOptions& options,
                                              std::uintmax_t stream_above_bytes) {
  auto file = std::make_unique<MatrixMarketFile>(path);
  refuse_unused_options(file->name(), "a Matrix Market file", options, {});
  if (file->is_array()) return std::make_unique<ArrayReader>(std::move(file), options);
  std::error_code no_size;  // of a pipe
  const std::uintmax_t bytes = std::filesystem::file_size(path, no_size);
  const bool may_stream = !no_size && bytes > stream_above_bytes;
  return std::make_unique<CoordinateReader>(std::move(file), options, may_stream);
}

}  // namespace prodigest::io
