#pragma once
// Where a subcommand puts the digest it made, and what it says about it.

#include <optional>
#include <string>

#include "prodigest/digest/digest.hpp"
#include "session.hpp"

namespace prodigest::cli {

/// Refuses --json beside a result on stdout, "-".
void check_stdout(const std::string& output, const Session& session);
/// The name of an output for people.
std::string shown_path(const std::string& output);

struct DigestOutput {
  std::string path;  ///< "-" is stdout

  void add_options(CLI::App& command);
  /// Before the work: refuses --json beside a digest on stdout.
  void check(const Session& session) const;
  /// Writes the digest and prints what it holds. `input`: the matrix file it was made of, if it
  /// was.
  void write(const Session& session, const std::string& command, const digest::Digest& digest,
             const std::optional<std::string>& input = {}) const;
  /// What is said of what was written.
  void print(const Session& session, const std::string& command, const Json& fields,
             const std::string& text) const;
};

}  // namespace prodigest::cli
