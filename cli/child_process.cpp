#include "child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "prodigest/base/error.hpp"

namespace prodigest::cli {
namespace {

std::string quoted(const std::string& word) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text;
  for (const char c : word) c == '\'' ? text.append("'\\''") : text.append(1, c);
  return fmt::format("'{}'", text);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      throw Error(ErrorCode::kIo,
                  fmt::format("waiting for a child process failed: {}", std::strerror(errno)));
  return status;
}

}  // namespace

std::string command_line(const std::vector<std::string>& arguments) {
  std::string line = "prodigest";
  for (const std::string& argument : arguments) line.append(1, ' ').append(quoted(argument));
  return line;
}

void run_alone(const std::vector<std::string>& arguments, bool show) {
  std::fflush(stdout);  // what was said before the child speaks stands before it
  std::string name = "prodigest";
  std::vector<std::string> words = arguments;
  std::vector<char*> argv = {name.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!show) posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failure =
      posix_spawn(&child, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  const std::string line = command_line(arguments);
  if (failure != 0)
    throw Error(ErrorCode::kIo,
                fmt::format("`{}` cannot be started: {}", line, std::strerror(failure)));

  const int status = wait_for(child);
  if (WIFSIGNALED(status)) {
    const bool interrupted = WTERMSIG(status) == SIGINT;
    throw Error(interrupted ? ErrorCode::kCancelled : ErrorCode::kIo,
                fmt::format("`{}` was ended by signal {} ({})", line, WTERMSIG(status),
                            strsignal(WTERMSIG(status))));
  }
  const int code = WEXITSTATUS(status);
  if (code == 130)
    throw Error(ErrorCode::kCancelled, fmt::format("`{}` was stopped by Ctrl-C", line));
  if (code != 0)
    throw Error(ErrorCode::kIo,
                fmt::format("`{}` failed with exit code {} (it says why above)", line, code));
}

}  // namespace prodigest::cli
