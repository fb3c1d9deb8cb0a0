#pragma once
// What every subcommand has: --json, --threads, -q, progress, Ctrl-C.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

#include "prodigest/core/context.hpp"

namespace prodigest::cli {

/// Results are printed in the order they are put in.
using Json = nlohmann::ordered_json;

/// JSON has no infinity and no NaN: "no statement" is null.
Json or_null(double value);

/// Thrown when --require is not met: exit code 6, after the answer was printed.
struct TooUncertain {
  std::string message;
};

/// Options shared by all subcommands.
struct Session {
  bool json = false;
  bool quiet = false;
  int threads = 0;

  /// Adds --json, --threads and -q to a subcommand.
  void add_options(CLI::App& command);

  /// A context that shows progress on a terminal and stops at Ctrl-C.
  Context context(std::string what) const;

  /// Talk goes to stderr, and only where somebody reads it.
  void say(const std::string& line) const;
  /// What a person must know who trusts the result goes to stderr wherever that leads.
  void remark(const std::string& line) const;

  /// Prints a result: `text` for people, or with --json `fields` under a "schema" version field.
  void print(const std::string& command, const Json& fields, const std::string& text) const;
};

/// Makes Ctrl-C request a stop of running contexts; who has not noticed after a second is killed.
void install_interrupt_handler();

}  // namespace prodigest::cli
