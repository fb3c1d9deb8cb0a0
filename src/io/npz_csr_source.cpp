#include "io/npz_csr_source.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "io/npy_array.hpp"

namespace prodigest::io {

namespace {

NpyArray open_list(const ZipArchive& archive, std::string_view member) {
  NpyArray array(archive.open(member));
  if (array.header().shape.size() != 1) {
    fail(ErrorCode::kFormat, "{}: expected one dimension, got shape {}", array.name(),
         shape_text(array.header().shape));
  }
  return array;
}

template <class T>
std::vector<T> read_list(const ZipArchive& archive, std::string_view member) {
  NpyArray array = open_list(archive, member);
  std::vector<T> values;
  array.read(static_cast<std::size_t>(array.size()), values);
  array.expect_end();
  return values;
}

void expect_size(const std::string& array, Index expected, Index got) {
  if (got != expected) {
    fail(ErrorCode::kFormat,
         "{}: expected {} elements to match the other arrays, got {} (save the matrix again, after "
         "A.sum_duplicates())",
         array, expected, got);
  }
}

/// Checks that the entries of one row or column end no sooner than they begin.
void expect_ascending(const std::string& indptr, Index line, Index begin, Index end, Index most) {
  if (end < begin || end > most) {
    fail(ErrorCode::kFormat,
         "{}: element {}: expected a number from {} to {}, got {} (indptr ascends to the number of "
         "entries)",
         indptr, line + 1, begin, most, end);
  }
}

void expect_in_range(const std::string& indices, std::string_view where, Index place, Index number,
                     Index end) {
  if (number < 0 || number >= end) {
    fail(ErrorCode::kFormat, "{}: {} {}: expected an index from 0 to {}, got {}", indices, where,
         place, end - 1, number);
  }
}

template <Real T>
class StreamedCsr final : public CsrSource<T> {
 public:
  StreamedCsr(const ZipArchive& archive, SparseShape shape, std::size_t block_bytes)
      : indptr_(open_list(archive, "indptr.npy")),
        indices_(open_list(archive, "indices.npy")),
        data_(open_list(archive, "data.npy")),
        shape_(shape),
        rows_per_block_(std::max<std::size_t>(1, block_bytes / sizeof(Index))),
        entries_per_block_(static_cast<Index>(block_bytes / (sizeof(T) + sizeof(std::int32_t)))) {
    expect_size(indptr_.name(), shape.rows + 1, indptr_.size());
    expect_size(data_.name(), indices_.size(), data_.size());
  }

  void fill(CsrMatrix<T>& rows) override {
    if (next_row_ == 0) read_first_start();
    if (used_ends_ == row_ends_.size()) read_row_ends();

    const Index begin = next_entry_;
    rows.row_start.assign(1, 0);
    while (used_ends_ < row_ends_.size() &&
           (rows.rows() == 0 || rows.row_start.back() < entries_per_block_)) {
      next_entry_ = row_ends_[used_ends_++];
      rows.row_start.push_back(next_entry_ - begin);
    }
    data_.read(static_cast<std::size_t>(next_entry_ - begin), rows.values);
    indices_.read(static_cast<std::size_t>(next_entry_ - begin), columns_);
    narrow_columns(rows);
    next_row_ += rows.rows();
    if (next_row_ == shape_.rows) check_end();
  }

  void rewind() override {
    for (NpyArray* array : {&indptr_, &indices_, &data_}) array->rewind();
    row_ends_.clear();
    used_ends_ = 0;
    next_row_ = 0;
    next_entry_ = 0;
  }

 private:
  void read_first_start() {
    indptr_.read(1, row_ends_);
    expect_ascending(indptr_.name(), -1, 0, row_ends_[0], 0);
    row_ends_.clear();
    used_ends_ = 0;
  }

  void read_row_ends() {
    const auto left = static_cast<std::size_t>(shape_.rows - next_row_);
    indptr_.read(std::min(left, rows_per_block_), row_ends_);
    used_ends_ = 0;
    Index begin = next_entry_;
    for (std::size_t i = 0; i < row_ends_.size(); ++i) {
      expect_ascending(indptr_.name(), next_row_ + static_cast<Index>(i), begin, row_ends_[i],
                       indices_.size());
      begin = row_ends_[i];
    }
  }

  void narrow_columns(CsrMatrix<T>& rows) {
    rows.columns.resize(columns_.size());
    auto column = columns_.begin();
    auto narrow = rows.columns.begin();
    for (Index i = 0; i < rows.rows(); ++i) {
      for (Index left = rows.view().row_size(i); left > 0; --left) {
        expect_in_range(indices_.name(), "row", next_row_ + i, *column, shape_.cols);
        *narrow++ = static_cast<std::int32_t>(*column++);
      }
    }
  }

  void check_end() {
    expect_size(indices_.name(), next_entry_, indices_.size());
    for (NpyArray* array : {&indptr_, &indices_, &data_}) array->expect_end();
  }

  NpyArray indptr_;
  NpyArray indices_;
  NpyArray data_;
  SparseShape shape_;
  std::size_t rows_per_block_;
  Index entries_per_block_;
  std::vector<Index> row_ends_;  // of rows to come: where their entries end
  std::size_t used_ends_ = 0;
  Index next_row_ = 0;
  Index next_entry_ = 0;
  std::vector<Index> columns_;
};

template <Real T>
class EntrySource final : public CsrSource<T> {
 public:
  EntrySource(const ZipArchive& archive, SparseShape shape, bool by_columns,
              std::size_t block_bytes)
      : rows_(shape.rows),
        block_bytes_(block_bytes),
        entries_(read_entries(archive, shape, by_columns)) {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.row < b.row; });
  }

  void fill(CsrMatrix<T>& rows) override {
    rows.row_start.assign(1, 0);
    rows.columns.clear();
    rows.values.clear();
    for (std::size_t bytes = 0; next_row_ < rows_ && (rows.rows() == 0 || bytes < block_bytes_);
         ++next_row_) {
      for (; next_entry_ < entries_.size() && entries_[next_entry_].row == next_row_;
           ++next_entry_) {
        rows.columns.push_back(entries_[next_entry_].column);
        rows.values.push_back(entries_[next_entry_].value);
      }
      rows.row_start.push_back(static_cast<Index>(rows.values.size()));
      bytes = rows.values.size() * (sizeof(T) + sizeof(std::int32_t)) +
              rows.row_start.size() * sizeof(Index);
    }
  }

  void rewind() override {
    next_row_ = 0;
    next_entry_ = 0;
  }

 private:
  struct Entry {
    Index row;
    std::int32_t column;
    T value;
  };

  static std::vector<Entry> read_entries(const ZipArchive& archive, SparseShape shape,
                                         bool by_columns) {
    const auto row = read_list<Index>(archive, by_columns ? "indices.npy" : "row.npy");
    const auto column = by_columns ? column_of_entries(archive, shape.cols, row.size())
                                   : read_list<Index>(archive, "col.npy");
    const auto value = read_list<T>(archive, "data.npy");
    const std::string& name = archive.name();
    const auto count = static_cast<Index>(row.size());
    expect_size(name + ": columns", count, static_cast<Index>(column.size()));
    expect_size(name + ": data", count, static_cast<Index>(value.size()));
    std::vector<Entry> entries;
    entries.reserve(value.size());
    for (Index e = 0; e < count; ++e) {
      const auto place = static_cast<std::size_t>(e);
      expect_in_range(name, "row of entry", e, row[place], shape.rows);
      expect_in_range(name, "column of entry", e, column[place], shape.cols);
      entries.push_back({row[place], static_cast<std::int32_t>(column[place]), value[place]});
    }
    return entries;
  }

  static std::vector<Index> column_of_entries(const ZipArchive& archive, Index cols,
                                              std::size_t entries) {
    const auto indptr = read_list<Index>(archive, "indptr.npy");
    const std::string name = archive.name() + ": indptr.npy";
    expect_size(name, cols + 1, static_cast<Index>(indptr.size()));
    const auto most = static_cast<Index>(entries);
    expect_ascending(name, -1, 0, indptr[0], 0);
    std::vector<Index> columns;
    for (Index j = 0; j < cols; ++j) {
      const Index begin = indptr[static_cast<std::size_t>(j)];
      const Index end = indptr[static_cast<std::size_t>(j) + 1];
      expect_ascending(name, j, begin, end, most);
      columns.insert(columns.end(), static_cast<std::size_t>(end - begin), j);
    }
    return columns;
  }

  Index rows_;
  std::size_t block_bytes_;
  std::vector<Entry> entries_;  // by row
  Index next_row_ = 0;
  std::size_t next_entry_ = 0;
};

}  // namespace

template <Real T>
std::unique_ptr<CsrSource<T>> csr_source(const ZipArchive& archive, SparseShape shape,
                                         std::size_t block_bytes) {
  return std::make_unique<StreamedCsr<T>>(archive, shape, block_bytes);
}

template <Real T>
std::unique_ptr<CsrSource<T>> entry_source(const ZipArchive& archive, SparseShape shape,
                                           bool by_columns, std::size_t block_bytes) {
  return std::make_unique<EntrySource<T>>(archive, shape, by_columns, block_bytes);
}

SparseShape read_sparse_shape(const ZipArchive& archive) {
  const std::vector<Index> shape = read_list<Index>(archive, "shape.npy");
  constexpr Index kMaxCols = std::numeric_limits<std::int32_t>::max();
  constexpr Index kMaxRows = std::numeric_limits<Index>::max() - 1;  // indptr has one more
  if (shape.size() != 2 || shape[0] < 0 || shape[0] > kMaxRows || shape[1] < 0) {
    fail(ErrorCode::kUnsupported, "{}: expected a matrix (2-D), got shape {}", archive.name(),
         shape_text(shape));
  }
  if (shape[1] > kMaxCols) {
    fail(ErrorCode::kUnsupported, "{}: expected at most {} columns in a sparse matrix, got {}",
         archive.name(), kMaxCols, shape[1]);
  }
  return {shape[0], shape[1]};
}

template std::unique_ptr<CsrSource<float>> csr_source(const ZipArchive&, SparseShape, std::size_t);
template std::unique_ptr<CsrSource<double>> csr_source(const ZipArchive&, SparseShape, std::size_t);
template std::unique_ptr<CsrSource<float>> entry_source(const ZipArchive&, SparseShape, bool,
                                                        std::size_t);
template std::unique_ptr<CsrSource<double>> entry_source(const ZipArchive&, SparseShape, bool,
                                                         std::size_t);

}  // namespace prodigest::io
