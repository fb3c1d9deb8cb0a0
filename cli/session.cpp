#include "session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <stop_token>

#include "options.hpp"

namespace prodigest::cli {
namespace {

std::stop_source& interrupts() {
  static std::stop_source source;
  return source;
}

void on_interrupt(int) {
  interrupts().request_stop();
  // A second Ctrl-C ends the process at once, and so does a second in which nobody noticed the first:
  // a read that waits for a pipe would never.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGALRM, [](int) { std::raise(SIGINT); });
  alarm(1);
}

}  // namespace

Json or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

void install_interrupt_handler() {
  interrupts();
  // A shell starts background jobs with Ctrl-C ignored, and they shall stay so.
  if (std::signal(SIGINT, on_interrupt) == SIG_IGN) std::signal(SIGINT, SIG_IGN);
}

void Session::add_options(CLI::App& command) {
  command.add_flag("--json", json, "Print the result as JSON");
  command.add_flag("-q,--quiet", quiet, "No progress and no remarks on stderr");
  add_whole_number(command, "--threads", threads, "Threads to use (default: all cores; never changes a result)", 0, 1024);
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
  if (isatty(STDERR_FILENO)) remark(line);
}

void Session::remark(const std::string& line) const {
  if (!quiet) fmt::print(stderr, "{}\n", line);
}

void Session::print(const std::string& command, const Json& fields, const std::string& text) const {
  if (json) {
    Json all = {{"schema", 1}, {"command", command}};
    all.update(fields);
    // A file name need not be UTF-8, but JSON must.
    fmt::print("{}\n", all.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}", text);
  }
}

}  // namespace prodigest::cli
