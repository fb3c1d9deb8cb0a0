#include "vectors.hpp"

#include "core/entries.hpp"
#include "io/memory_rows.hpp"
#include "prodigest/base/error.hpp"

namespace prodigest::cli {
namespace {

// A reader of its own matrix.
class OwnedRows final : public io::RowReader {
 public:
  explicit OwnedRows(Matrix<double> matrix)
      : matrix_(std::move(matrix)), rows_(std::as_const(matrix_).view()) {}
  Index cols() const override { return rows_.cols(); }
  const std::vector<std::string>& column_names() const override { return rows_.column_names(); }
  bool next(io::RowBlock& block) override { return rows_.next(block); }
  void rewind() override { rows_.rewind(); }

 private:
  Matrix<double> matrix_;
  io::MemoryRows rows_;
};

void append(const RowsView& rows, Matrix<double>& matrix) {
  const Index first = matrix.rows;
  matrix.rows += rows_of(rows);
  matrix.storage.resize(static_cast<std::size_t>(matrix.rows * matrix.cols));
  std::visit(
      [&](const auto& view) {
        for (Index i = 0; i < view.rows; ++i)
          for_each_entry(view, i, [&](Index j, auto value) {
            matrix(first + i, j) = static_cast<double>(value);
          });
      },
      rows);
}

}  // namespace

Matrix<double> transposed(const RowsView& rows) {
  Matrix<double> dense(0, cols_of(rows));
  append(rows, dense);
  return transposed(dense);
}

Input open_vectors(const std::filesystem::path& path, const io::ReadOptions& options,
                   const Session& session) {
  check_vector_options(options);
  const Input file = open_input(path, options, session);
  Matrix<double> vectors(0, file.reader->cols());
  for (io::RowBlock block; file.reader->next(block);) append(block.rows, vectors);
  return {std::make_unique<OwnedRows>(transposed(vectors)), {}};
}

void check_vector_options(const io::ReadOptions& options) {
  if (!options.key.empty() || options.presence || options.first_row > 0)
    throw Error(ErrorCode::kInvalidArgument,
                "--vectors: rows of the file are columns of the matrix then, which have no keys "
                "(leave out --key, --presence and --first-row)");
}

}  // namespace prodigest::cli
