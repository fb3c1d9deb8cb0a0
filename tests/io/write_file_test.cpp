#include "prodigest/io/write_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "prodigest/base/error.hpp"

namespace prodigest::io {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

mode_t mode(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

// Each test has a folder of its own, so that it can see whether anything else is left in it.
class WriteFile : public testing::Test {
 protected:
  WriteFile() {
    std::string pattern = testing::TempDir() + "/write_file_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / "a.pdg";
  }
  ~WriteFile() override {
    ::chmod(folder_.c_str(), 0700);
    fs::remove_all(folder_);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      result.push_back(entry.path().filename());
    }
    std::ranges::sort(result);
    return result;
  }

  void expect_io_error(const fs::path& path, const std::string& message,
                       std::string_view text = "new") const {
    try {
      write_file(path, bytes_of(text));
      ADD_FAILURE() << "written: " << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIo);
      EXPECT_EQ(std::string(error.what()), path.string() + ": cannot be written: " + message);
    }
  }

  fs::path folder_;
  fs::path path_;
};

using Names = std::vector<std::string>;

TEST_F(WriteFile, MakesAndReplacesFilesAndLeavesNothingElse) {
  write_file(path_, bytes_of("first"));
  EXPECT_EQ(content(path_), "first");
  write_file(path_, bytes_of("2"));
  EXPECT_EQ(content(path_), "2");
  write_file(path_, {});
  EXPECT_EQ(content(path_), "");
  EXPECT_EQ(names(), Names{"a.pdg"});
}

TEST_F(WriteFile, WritesManyMegabytes) {
  const std::string text(20'000'001, 'x');
  write_file(path_, bytes_of(text));
  EXPECT_EQ(content(path_), text);
}

TEST_F(WriteFile, TakesRelativeAndVeryLongNames) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  const std::string name(255, 'n');
  write_file("a.pdg", bytes_of("1"));
  write_file(name, bytes_of("2"));
  fs::current_path(before);
  EXPECT_EQ(content(path_), "1");
  EXPECT_EQ(content(folder_ / name), "2");
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(WriteFile, HonoursTheUmaskAndKeepsTheModeOfAnExistingFile) {
  const mode_t before = ::umask(027);
  write_file(path_, bytes_of("1"));
  ::umask(before);
  EXPECT_EQ(mode(path_), 0640u);
  ASSERT_EQ(::chmod(path_.c_str(), 0606), 0);
  write_file(path_, bytes_of("2"));
  EXPECT_EQ(mode(path_), 0606u);
}

TEST_F(WriteFile, WritesThroughSymbolicLinks) {
  fs::create_directory(folder_ / "real");
  fs::create_symlink("real/target", folder_ / "inner");
  fs::create_symlink("inner", path_);
  for (const std::string text : {"made", "replaced"}) {  // the first time the link leads nowhere
    write_file(path_, bytes_of(text));
    EXPECT_TRUE(fs::is_symlink(path_));
    EXPECT_TRUE(fs::is_symlink(folder_ / "inner"));
    EXPECT_EQ(content(folder_ / "real" / "target"), text);
  }
  EXPECT_EQ(names(), (Names{"a.pdg", "inner", "real"}));
}

TEST_F(WriteFile, SaysWhyNothingCanBeWrittenThere) {
  expect_io_error(folder_ / "no" / "a.pdg", "No such file or directory (make its folder first)");
  expect_io_error("", "No such file or directory (make its folder first)");
  expect_io_error(folder_, "Is a directory");
  std::ofstream(path_) << "old";
  expect_io_error(path_ / "below", "Not a directory");
  fs::create_symlink("loop", folder_ / "loop");
  expect_io_error(folder_ / "loop", "Too many levels of symbolic links");
  EXPECT_EQ(names(), (Names{"a.pdg", "loop"}));
  EXPECT_EQ(content(path_), "old");
}

// In a child process, so that its limits and rights are its own. True if `body` raised no failure.
template <class Body>
bool holds_in_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void become_nobody() {
  if (::geteuid() == 0) {
    ASSERT_EQ(::setuid(65534), 0);
  }
}

TEST_F(WriteFile, LeavesTheOldFileAloneWhenTheFolderOrTheFileIsProtected) {
  std::ofstream(path_) << "old";
  fs::permissions(path_, fs::perms(0444));
  fs::permissions(folder_, fs::perms(0777));
  EXPECT_TRUE(holds_in_child([&] {
    become_nobody();
    expect_io_error(path_, "Permission denied (choose a place you may write to)");
  }));
  fs::permissions(path_, fs::perms(0666));
  fs::permissions(folder_, fs::perms(0555));
  EXPECT_TRUE(holds_in_child([&] {
    become_nobody();
    expect_io_error(path_, "Permission denied (choose a place you may write to)");
    expect_io_error(folder_ / "b", "Permission denied (choose a place you may write to)");
  }));
  EXPECT_EQ(content(path_), "old");
  EXPECT_EQ(names(), Names{"a.pdg"});
}

TEST_F(WriteFile, LeavesTheOldFileAloneWhenTheDiskIsFullAtAnyByte) {
  std::ofstream(path_) << "old";
  const std::string text(5000, 'x');
  for (const rlim_t limit : {0, 1, 4095, 4096, 4999}) {
    EXPECT_TRUE(holds_in_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limits{limit, limit};
      ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limits), 0);
      const std::string advice =
          "File too large (the limit on file sizes is too low, see ulimit -f)";
      expect_io_error(path_, advice, text);
      expect_io_error(folder_ / "new", advice, text);
    })) << limit;
    EXPECT_EQ(content(path_), "old");
    EXPECT_EQ(names(), Names{"a.pdg"});
  }
}

TEST_F(WriteFile, ReportsAFullDevice) {
  expect_io_error("/dev/full",
                  "No space left on device (free some space or write to another disk)");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(WriteFile, WritesIntoDevicesAndPipes) {
  write_file("/dev/null", bytes_of("gone"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));

  const std::string text(1'000'000, 'p');
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  std::thread writer([&] { write_file(path_, bytes_of(text)); });
  const std::string got = content(path_);
  writer.join();
  EXPECT_EQ(got, text);
  EXPECT_TRUE(fs::is_fifo(path_));
  EXPECT_EQ(names(), Names{"a.pdg"});
}

TEST_F(WriteFile, ADashAndDevStdoutAreStandardOutput) {
  for (const std::string name : {"-", "/dev/stdout"}) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    EXPECT_TRUE(holds_in_child([&] {
      ::dup2(ends[1], STDOUT_FILENO);
      write_file(name, bytes_of("out"));
    }));
    ::close(ends[1]);
    char got[8];
    EXPECT_EQ(::read(ends[0], got, sizeof got), 3);
    EXPECT_EQ(std::string(got, 3), "out");
    ::close(ends[0]);
  }
}

TEST_F(WriteFile, TouchesNoTemporaryOfAnother) {
  const std::string beginning = ".a.pdg." + std::to_string(::getpid()) + ".";
  for (int i = 0; i < 500; ++i) {
    std::ofstream(folder_ / (beginning + std::to_string(i) + ".tmp")) << "other";
  }
  write_file(path_, bytes_of("mine"));
  EXPECT_EQ(content(path_), "mine");
  EXPECT_EQ(names().size(), 501u);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(content(folder_ / (beginning + std::to_string(i) + ".tmp")), "other");
  }
}

TEST_F(WriteFile, ThreadsThatWriteOneFileLeaveOneOfTheirs) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      const std::string text(100'000, static_cast<char>('a' + i));
      for (int round = 0; round < 10; ++round) write_file(path_, bytes_of(text));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string got = content(path_);
  EXPECT_EQ(got, std::string(100'000, got.at(0)));
  EXPECT_EQ(names(), Names{"a.pdg"});
}

}  // namespace
}  // namespace prodigest::io
