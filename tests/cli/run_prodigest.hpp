#pragma once
// For the tests of the command: a folder to work in, and the built prodigest run in it as a user
// runs it.

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "prodigest/base/matrix.hpp"
#include "prodigest/lattice/lattice_codes.hpp"
#include "prodigest/linear/linear_sketch.hpp"
#include "prodigest/sampling/row_sample.hpp"

namespace prodigest::cli {

/// What a run left behind.
struct Outcome {
  int exit_code = -1;  ///< as a shell reports it: 128 + signal for one that was killed
  std::string out, err;
  /// Standard output as one JSON object; a failed test and an empty object if it is none.
  nlohmann::json json() const;
};

enum class Stderr { kFile, kTerminal };

/// A run that has not ended yet, its standard input an open pipe.
class Running {
 public:
  /// words: a program and its arguments
  Running(const std::filesystem::path& folder, std::vector<std::string> words,
          Stderr where = Stderr::kFile);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// Writes to its standard input; false if it no longer reads.
  bool feed(std::string_view text);
  /// Waits until it has read all that was fed.
  void wait_until_read();
  void interrupt();  ///< Ctrl-C
  Outcome wait();    ///< for the end
  Outcome finish();  ///< closes its standard input and waits for the end

 private:
  pid_t pid_ = -1;
  int input_ = -1, terminal_ = -1;
  std::filesystem::path out_, err_;
};

/// Each test has an empty folder of its own, the working directory of its runs.
class Command : public testing::Test {
 protected:
  Command();
  ~Command() override;

  Outcome run(const std::vector<std::string>& arguments, std::string_view input = {}) const;
  /// A line of shell in which `prodigest` is the command.
  Outcome shell(const std::string& script) const;
  /// A run that is still going on.
  std::unique_ptr<Running> start(const std::vector<std::string>& arguments,
                                 Stderr where = Stderr::kFile) const;
  /// A run that must succeed.
  Outcome run_well(const std::vector<std::string>& arguments, std::string_view input = {}) const;
  /// A run that must end with this code, nothing on stdout, and a message with these parts.
  void expect_refusal(int exit_code, const std::vector<std::string>& arguments,
                      const std::vector<std::string>& parts, std::string_view input = {}) const;

  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, std::string_view bytes) const;
  void write_gzipped(const std::string& name, std::string_view bytes) const;
  std::string read(const std::string& name) const;
  Matrix<double> npy(const std::string& name) const;
  sampling::RowSample digest(const std::string& name) const;
  linear::LinearSketch linear_digest(const std::string& name) const;
  lattice::LatticeCodes codes(const std::string& name) const;
  std::vector<std::string> files() const;  ///< names of what the folder holds, sorted

 private:
  std::filesystem::path folder_;
};

/// A table of the demonstration data, e.g. "sizes.csv.gz".
std::string packages(const std::string& name);

/// Rows of a sample as a dense matrix.
Matrix<double> dense_rows(const sampling::RowSample& sample);

}  // namespace prodigest::cli
