#include "io/sparse_npz.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "io/column_numbers.hpp"
#include "io/csr_assembly.hpp"
#include "io/npy_header.hpp"
#include "io/npz_csr_source.hpp"
#include "io/prefetch.hpp"

namespace prodigest::io {

namespace {

constexpr std::string_view kFormatMember = "format.npy";

/// The text in an array of shape () and dtype S or U, e.g. b'csr'.
std::string read_text(const ZipArchive& archive, std::string_view member) {
  const std::unique_ptr<ByteStream> stream = archive.open(member);
  const NpyHeader header = read_npy_header(*stream);
  const bool is_text = header.dtype.starts_with("|S") || header.dtype.starts_with("<U");
  if (!is_text || !header.shape.empty()) {
    fail(ErrorCode::kFormat, "{}: expected one text, got shape {} of dtype '{}'", stream->name(),
         shape_text(header.shape), header.dtype);
  }
  std::array<std::byte, 64> bytes{};
  const std::size_t size = read_fully(*stream, bytes);
  std::string text;
  for (const std::byte byte : std::span(bytes).first(size)) {
    // U has four bytes a letter, three of them zero.
    if (byte != std::byte{0}) text.push_back(static_cast<char>(byte));
  }
  return text;
}

template <Real T>
class SparseNpzReader final : public RowReader {
 public:
  /// @param chosen columns; empty: all
  SparseNpzReader(std::unique_ptr<CsrSource<T>> source, Index stored_cols,
                  std::vector<Index> chosen, const ReadOptions& options)
      : source_(std::move(source)),
        stored_cols_(stored_cols),
        chosen_(std::move(chosen)),
        names_(options.columns),
        first_row_(options.first_row) {}

  Index cols() const override {
    return chosen_.empty() ? stored_cols_ : static_cast<Index>(chosen_.size());
  }
  const std::vector<std::string>& column_names() const override { return names_; }

  bool next(RowBlock& block) override {
    const CsrMatrix<T>* rows = blocks_.next();
    if (rows == nullptr) return false;
    block.rows = rows->view();
    block.first_row = first_row_ + static_cast<RowId>(next_row_);
    block.row_ids = {};
    next_row_ += rows->rows();
    return true;
  }

  void rewind() override {
    blocks_.reset();
    source_->rewind();
    next_row_ = 0;
  }

 private:
  bool fill(CsrMatrix<T>& rows) {
    source_->fill(rows);
    rows.cols = stored_cols_;
    if (!chosen_.empty()) choose_columns(rows, chosen_);
    sort_rows(rows);
    return rows.rows() > 0;
  }

  std::unique_ptr<CsrSource<T>> source_;
  Index stored_cols_;
  std::vector<Index> chosen_;
  std::vector<std::string> names_;
  RowId first_row_;
  Index next_row_ = 0;
  // Last, for it uses the rest.
  Prefetcher<CsrMatrix<T>> blocks_{[this](CsrMatrix<T>& rows) { return fill(rows); }};
};

template <Real T>
std::unique_ptr<RowReader> open_sparse(const ZipArchive& archive, const std::string& format,
                                       const ReadOptions& options) {
  const SparseShape shape = read_sparse_shape(archive);
  std::vector<Index> chosen = column_numbers(archive.name(), options.columns, shape.cols);
  auto source = format == "csr"
                    ? csr_source<T>(archive, shape, options.block_bytes)
                    : entry_source<T>(archive, shape, format == "csc", options.block_bytes);
  return std::make_unique<SparseNpzReader<T>>(std::move(source), shape.cols, std::move(chosen),
                                              options);
}

}  // namespace

bool is_sparse_npz(const ZipArchive& archive) {
  return archive.has(kFormatMember) && archive.has("shape.npy") && archive.has("data.npy");
}

std::unique_ptr<RowReader> sparse_npz_rows(const ZipArchive& archive, const ReadOptions& options) {
  const std::string format = read_text(archive, kFormatMember);
  if (format != "csr" && format != "csc" && format != "coo") {
    fail(ErrorCode::kUnsupported,
         "{}: expected a sparse matrix in format csr, csc or coo, got {} (save_npz A.tocsr())",
         archive.name(), format);
  }
  const std::unique_ptr<ByteStream> data = archive.open("data.npy");
  const NpyType type = npy_type(data->name(), read_npy_header(*data).dtype);
  return type == NpyType::kF32 ? open_sparse<float>(archive, format, options)
                               : open_sparse<double>(archive, format, options);
}

}  // namespace prodigest::io
