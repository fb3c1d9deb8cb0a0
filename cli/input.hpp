#pragma once
// Matrices as the command line names them: a path and how to read it.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prodigest/core/schema.hpp"
#include "prodigest/io/row_reader.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// The reading options of a subcommand.
class InputOptions {
 public:
  /// side: put before the names, "a-" for --a-key and so on; such options are not listed in --help.
  void add_options(CLI::App& command, const std::string& side = "");
  /// What was given, with the vocabulary file read.
  io::ReadOptions read_options() const;

 private:
  io::ReadOptions options_;
  std::string vocabulary_;
  bool no_header_ = false;
};

/// A matrix file that is open, and the names of its rows and columns.
struct Input {
  std::unique_ptr<io::RowReader> reader;
  Schema schema;
};

Input open_input(const std::filesystem::path& path, const io::ReadOptions& options, const Session& session);

/// Options that read the other side of a digest: by its key, unless one is given.
io::ReadOptions options_beside(const Schema& digest, io::ReadOptions options);

/// Options that read a file again as the digest with this schema was made.
io::ReadOptions options_like(const Schema& schema, io::ReadOptions options);

/// Refuses to write over the matrix, or whatever it is, that is being read.
void check_not_overwritten(const std::filesystem::path& input, const std::filesystem::path& output, const char* what = "matrix");

/// Whether the path names a digest rather than a matrix.
bool is_digest_path(const std::filesystem::path& path);

/// Size of a file; nothing for a pipe.
std::optional<std::uint64_t> file_bytes(const std::filesystem::path& path);

}  // namespace prodigest::cli
