#pragma once
// Where a subcommand puts the digest it made, and what it says about it.

#include <optional>
#include <string>

#include "prodigest/digest/digest.hpp"
#include "session.hpp"

namespace prodigest::cli {

struct DigestOutput {
  std::string path;  ///< "-" is stdout

  void add_options(CLI::App& command);
  /// Before the work: refuses --json beside a digest on stdout.
  void check(const Session& session) const;
  /// Writes the digest and prints what it holds. `input`: the matrix file it was made of, if it
  /// was.
  void write(const Session& session, const std::string& command, const digest::Digest& digest,
             const std::optional<std::string>& input = {}) const;
};

}  // namespace prodigest::cli
