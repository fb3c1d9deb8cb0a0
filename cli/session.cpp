#include "session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stop_token>

namespace prodigest::cli {
namespace {

std::stop_source& interrupts() {
  static std::stop_source source;
  return source;
}

void on_interrupt(int) {
  interrupts().request_stop();
  std::signal(SIGINT, SIG_DFL);  // a second Ctrl-C ends the process at once
}

}  // namespace

void install_interrupt_handler() {
  interrupts();
  std::signal(SIGINT, on_interrupt);
}

void Session::add_options(CLI::App& command) {
  command.add_flag("--json", json, "Print the result as JSON");
  command.add_flag("-q,--quiet", quiet, "No progress and no remarks on stderr");
  command.add_option("--threads", threads, "Threads to use; 0 = all cores (never changes a result)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

Context Session::context(std::string what) const {
  using Clock = std::chrono::steady_clock;
  Context context;
  context.threads = threads;
  context.cancel = interrupts().get_token();
  if (!quiet && isatty(STDERR_FILENO)) {
    context.progress = [what = std::move(what), last = Clock::now()](Index rows) mutable {
      if (Clock::now() - last < std::chrono::milliseconds(200)) return;
      last = Clock::now();
      fmt::print(stderr, "\r{}: {} rows\033[K\r", what, rows);
      std::fflush(stderr);
    };
  }
  return context;
}

void Session::say(const std::string& line) const {
  if (!quiet) fmt::print(stderr, "{}\n", line);
}

void Session::print(const std::string& command, const Json& fields, const std::string& text) const {
  if (json) {
    Json all = {{"schema", 1}, {"command", command}};
    all.update(fields);
    fmt::print("{}\n", all.dump(2));
  } else {
    fmt::print("{}", text);
  }
}

}  // namespace prodigest::cli
