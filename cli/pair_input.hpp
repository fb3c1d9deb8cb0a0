#pragma once
// Reading options of two matrices on one command line.

#include "input.hpp"

namespace prodigest::cli {

/// The reading options for both matrices, and each again as --a-... and --b-... for one of them.
class PairInputOptions {
 public:
  void add_options(CLI::App& command);
  /// What was given for both, where nothing else was given for this one.
  io::ReadOptions a() const { return own_or(a_.read_options(), both_.read_options()); }
  io::ReadOptions b() const { return own_or(b_.read_options(), both_.read_options()); }

 private:
  static io::ReadOptions own_or(io::ReadOptions own, const io::ReadOptions& both);

  InputOptions both_, a_, b_;
};

}  // namespace prodigest::cli
