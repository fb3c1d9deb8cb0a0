#include "io/reading.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <variant>

namespace prodigest::io {

TemporaryFile::TemporaryFile(const std::string& name, std::string_view bytes) {
  std::string folder = testing::TempDir() + "prodigest-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp: " + folder);
  path_ = std::filesystem::path(folder) / name;
  std::ofstream(path_, std::ios::binary) << bytes;
}

TemporaryFile::~TemporaryFile() { std::filesystem::remove_all(path_.parent_path()); }

PipedInput::PipedInput(std::string_view text) : saved_stdin_(dup(STDIN_FILENO)) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  if (write(ends[1], text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("write to pipe");
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
}

PipedInput::~PipedInput() {
  dup2(saved_stdin_, STDIN_FILENO);
  close(saved_stdin_);
}

std::string gzipped(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::optional<std::string> shared_data(const std::string& name) {
  const std::string path = std::string(PRODIGEST_SOURCE_DIR) + "/../shared/data/" + name;
  if (!std::filesystem::exists(path)) {
    std::cout << "not there: shared/data/" << name << "\n";
    return std::nullopt;
  }
  if (!name.ends_with(".xz")) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  FILE* pipe = popen(("xz -dc '" + path + "'").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  char buffer[1 << 16];
  while (const std::size_t count = fread(buffer, 1, sizeof buffer, pipe))
    text.append(buffer, count);
  if (pclose(pipe) == 0) return text;
  std::cout << "xz cannot unpack shared/data/" << name << " (is it installed?)\n";
  return std::nullopt;
}

AllRows read_all(RowReader& reader) {
  AllRows all;
  Matrix<double>& values = all.values;
  values.cols = reader.cols();
  RowBlock block;
  while (reader.next(block)) {
    ++all.blocks;
    const Index rows = prodigest::rows_of(block.rows);
    EXPECT_GT(rows, 0);
    EXPECT_EQ(cols_of(block.rows), reader.cols());
    const std::size_t first = values.storage.size();
    values.storage.resize(first + static_cast<std::size_t>(rows * values.cols));
    MatrixView<double> out(values.storage.data() + first, rows, values.cols);
    const auto copy_dense = [&](const auto& dense) {
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < out.cols; ++j) out(i, j) = dense(i, j);
    };
    const auto copy_csr = [&](const auto& csr) {
      all.sparse = true;
      for (Index i = 0; i < rows; ++i) {
        std::int32_t last = -1;
        for (Index k = 0; k < csr.row_size(i); ++k) {
          const std::int32_t column = csr.row_columns(i)[static_cast<std::size_t>(k)];
          EXPECT_GT(column, last);
          EXPECT_LT(column, out.cols);
          last = column;
          out(i, column) = csr.row_values(i)[static_cast<std::size_t>(k)];
          ++all.stored;
        }
      }
    };
    std::visit(
        [&](const auto& view) {
          if constexpr (requires { view.row_start; }) {
            copy_csr(view);
          } else {
            copy_dense(view);
          }
        },
        block.rows);
    all.single_precision = std::holds_alternative<MatrixView<const float>>(block.rows) ||
                           std::holds_alternative<CsrView<float>>(block.rows);
    all.has_row_ids = !block.row_ids.empty();
    EXPECT_EQ(static_cast<Index>(block.row_ids.size()), all.has_row_ids ? rows : 0);
    for (Index i = 0; i < rows; ++i)
      all.row_ids.push_back(all.has_row_ids ? block.row_ids[static_cast<std::size_t>(i)]
                                            : block.first_row + static_cast<RowId>(i));
    values.rows += rows;
  }
  return all;
}

std::vector<std::vector<double>> rows_of(const AllRows& all) {
  std::vector<std::vector<double>> rows;
  for (Index i = 0; i < all.values.rows; ++i) {
    const auto row = all.values.view().row(i);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

}  // namespace prodigest::io
