#pragma once
// For the tests of readers: files to read, what was read, and expected errors.

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prodigest/base/error.hpp"
#include "prodigest/base/matrix.hpp"
#include "prodigest/io/row_reader.hpp"

namespace prodigest::io {

// A file that is there while the object lives, in a folder of its own.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, std::string_view bytes);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Standard input is a pipe that holds this text while the object lives (at most 64 KiB).
class PipedInput {
 public:
  explicit PipedInput(std::string_view text);
  ~PipedInput();
  PipedInput(const PipedInput&) = delete;
  PipedInput& operator=(const PipedInput&) = delete;

 private:
  int saved_stdin_;
};

std::string gzipped(std::string_view bytes);

// A file of shared/data beside the checkout, unpacked if it ends in .xz; nothing, with the reason
// printed, if it is not there or xz is not.
std::optional<std::string> shared_data(const std::string& name);

// Everything a reader gives. row_ids holds the numbers of the rows if the file has no key.
struct AllRows {
  Matrix<double> values;
  std::vector<RowId> row_ids;
  bool has_row_ids = false;
  bool sparse = false;
  bool single_precision = false;  // blocks of float
  Index stored = 0;  // values of CSR blocks
  int blocks = 0;
};
AllRows read_all(RowReader& reader);

std::vector<std::vector<double>> rows_of(const AllRows& all);

template <class Call>
void expect_error(ErrorCode code, std::initializer_list<std::string_view> parts, const Call& call) {
  try {
    call();
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    for (const std::string_view part : parts)
      EXPECT_NE(std::string_view(error.what()).find(part), std::string_view::npos)
          << "expected \"" << part << "\" in: " << error.what();
  }
}

}  // namespace prodigest::io
