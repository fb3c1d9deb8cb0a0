#include "cli/run_prodigest.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "prodigest/io/npy.hpp"
#include "prodigest/lattice/codes_file.hpp"
#include "prodigest/linear/sketch_file.hpp"
#include "prodigest/sampling/sample_file.hpp"

namespace prodigest::cli {
namespace {

namespace fs = std::filesystem;

fs::path new_folder() {
  std::string name = testing::TempDir() + "/prodigest_cli_XXXXXX";
  if (!::mkdtemp(name.data())) throw std::runtime_error("no folder " + name);
  return fs::canonical(name);
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("no file " + path.string());
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// What is written to a terminal, until its last writer is gone.
std::string drain(int terminal) {
  std::string text;
  char bytes[4096];
  for (ssize_t count; (count = ::read(terminal, bytes, sizeof bytes)) > 0;)
    text.append(bytes, static_cast<std::size_t>(count));
  return text;
}

}  // namespace

nlohmann::json Outcome::json() const {
  const auto parsed = nlohmann::json::parse(out, nullptr, false);
  EXPECT_TRUE(parsed.is_object()) << "no JSON object: " << out << err;
  return parsed.is_object() ? parsed : nlohmann::json::object();
}

Running::Running(const fs::path& folder, std::vector<std::string> words, Stderr where) {
  // A reader that has gone must be an error of write(), not the end of the tests.
  std::signal(SIGPIPE, SIG_IGN);
  out_ = folder.string() + ".out";  // beside the folder, which holds only what prodigest wrote
  err_ = folder.string() + ".err";
  int input[2];
  if (::pipe2(input, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  input_ = input[1];
  std::string err = err_.string();
  if (where == Stderr::kTerminal) {
    terminal_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal_ < 0 || ::grantpt(terminal_) != 0 || ::unlockpt(terminal_) != 0)
      throw std::runtime_error("no terminal");
    err = ::ptsname(terminal_);
  }

  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
  ::posix_spawn_file_actions_adddup2(&files, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out_.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY, 0600);
  // Whoever runs the tests in the background has Ctrl-C ignored, and a child would inherit that.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &signals);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int failed =
      ::posix_spawn(&pid_, words[0].c_str(), &files, &attributes, pointers.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  ::close(input[0]);
  if (failed) throw std::runtime_error("cannot run " + words[0]);
}

Running::~Running() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (input_ >= 0) ::close(input_);
  if (terminal_ >= 0) ::close(terminal_);
  fs::remove(out_);
  fs::remove(err_);
}

bool Running::feed(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(input_, text.data(), text.size());
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Running::wait_until_read() {
  int unread = 1;
  while (::ioctl(input_, FIONREAD, &unread) == 0 && unread > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Running::interrupt() { ::kill(pid_, SIGINT); }

Outcome Running::finish() {
  ::close(std::exchange(input_, -1));
  return wait();
}

Outcome Running::wait() {
  Outcome outcome;
  if (terminal_ >= 0) outcome.err = drain(terminal_);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  outcome.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  outcome.out = bytes_of(out_);
  if (terminal_ < 0) outcome.err = bytes_of(err_);
  return outcome;
}

Command::Command() : folder_(new_folder()) {}

Command::~Command() { fs::remove_all(folder_); }

Outcome Command::run(const std::vector<std::string>& arguments, std::string_view input) const {
  const auto running = start(arguments);
  running->feed(input);
  return running->finish();
}

Outcome Command::shell(const std::string& script) const {
  return Running(folder_,
                 {"/bin/sh", "-c", "prodigest() { '" PRODIGEST_CLI "' \"$@\"; }; " + script})
      .finish();
}

std::unique_ptr<Running> Command::start(const std::vector<std::string>& arguments,
                                        Stderr where) const {
  std::vector<std::string> words = {PRODIGEST_CLI};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return std::make_unique<Running>(folder_, words, where);
}

Outcome Command::run_well(const std::vector<std::string>& arguments, std::string_view input) const {
  Outcome outcome = run(arguments, input);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome;
}

void Command::expect_refusal(int exit_code, const std::vector<std::string>& arguments,
                             const std::vector<std::string>& parts, std::string_view input) const {
  const Outcome outcome = run(arguments, input);
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("prodigest: ")) << outcome.err;
  for (const std::string& part : parts)
    EXPECT_NE(outcome.err.find(part), std::string::npos)
        << "expected \"" << part << "\" in: " << outcome.err;
}

void Command::write(const std::string& name, std::string_view bytes) const {
  std::ofstream file(path(name), std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + name);
}

void Command::write_gzipped(const std::string& name, std::string_view bytes) const {
  const gzFile file = ::gzopen(path(name).c_str(), "wb");
  const int written = ::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  if (::gzclose(file) != Z_OK || written != static_cast<int>(bytes.size()))
    throw std::runtime_error("cannot write " + name);
}

std::string Command::read(const std::string& name) const { return bytes_of(path(name)); }

Matrix<double> Command::npy(const std::string& name) const { return io::load_npy(path(name)); }

sampling::RowSample Command::digest(const std::string& name) const {
  return sampling::load_row_sample(path(name));
}

linear::LinearSketch Command::linear_digest(const std::string& name) const {
  return linear::load_linear_sketch(path(name));
}

lattice::LatticeCodes Command::codes(const std::string& name) const {
  return lattice::load_lattice_codes(path(name));
}

std::vector<std::string> Command::files() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::string packages(const std::string& name) {
  return PRODIGEST_SOURCE_DIR "/data/packages/" + name;
}

Matrix<double> dense_rows(const sampling::RowSample& sample) {
  Matrix<double> dense(sample.size(), sample.cols());
  std::visit(
      [&](const auto& rows) {
        for (Index i = 0; i < rows.rows; ++i) {
          if constexpr (requires { rows.columns; }) {
            for (Index e = rows.row_start[i]; e < rows.row_start[i + 1]; ++e)
              dense(i, rows.columns[e]) = rows.values[e];
          } else {
            for (Index j = 0; j < rows.cols; ++j) dense(i, j) = rows(i, j);
          }
        }
      },
      sample.values());
  return dense;
}

}  // namespace prodigest::cli
