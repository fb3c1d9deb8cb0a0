#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/fail.hpp"
#include "io/csv_reader.hpp"
#include "io/matrix_market_reader.hpp"
#include "io/npy_reader.hpp"
#include "io/npz_reader.hpp"
#include "io/path_extension.hpp"
#include "io/presence.hpp"
#include "io/svmlight_reader.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

namespace {

constexpr std::string_view kKnown =
    ".npy, .npz, .mtx, .svm, .libsvm, .svmlight, .csv, .tsv, each but .npz also with .gz";

void expect_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (error) fail(ErrorCode::kIo, "{}: cannot be read: {}", path.string(), error.message());
  if (std::filesystem::is_directory(status)) {
    fail(ErrorCode::kIo, "{}: is a folder, expected a file (name the files in it)", path.string());
  }
}

std::unique_ptr<RowReader> open_format(const std::filesystem::path& path,
                                       const ReadOptions& options) {
  if (path == "-") return open_csv(path, options);
  expect_file(path);
  const auto [format, gzip] = extension_of(path);
  if (format == ".csv" || format == ".tsv") return open_csv(path, options);
  if (format == ".npy") return open_npy(path, options);
  if (format == ".npz" && !gzip) return open_npz(path, options);
  if (format == ".mtx") return open_matrix_market(path, options);
  if (format == ".svm" || format == ".libsvm" || format == ".svmlight") {
    return open_svmlight(path, options);
  }
  if (format == ".npz") {
    fail(ErrorCode::kUnsupported, "{}: a .npz is compressed already (gunzip it first)",
         path.string());
  }
  if (format == ".pdg") {
    fail(ErrorCode::kUnsupported, "{}: is a digest, not a matrix (give the file it was made from)",
         path.string());
  }
  fail(ErrorCode::kUnsupported, "{}: the extension says no known format (known are {})",
       path.string(), kKnown);
}

}  // namespace

std::unique_ptr<RowReader> open_rows(const std::filesystem::path& path,
                                     const ReadOptions& options) {
  std::unique_ptr<RowReader> reader = open_format(path, options);
  return options.presence ? with_presence(std::move(reader), path.string()) : std::move(reader);
}

}  // namespace prodigest::io
