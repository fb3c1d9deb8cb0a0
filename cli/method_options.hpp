#pragma once
// --method, and -k and --seed in place of its size= and seed=.

#include <CLI/CLI.hpp>
#include <string>

#include "prodigest/digest/digest.hpp"

namespace prodigest::cli {

class MethodOptions {
 public:
  /// @param method what is done unless told otherwise  @param size_help what size= means
  void add_options(CLI::App& command, std::string method, const std::string& size_help);

  /// An option in place of --method, with this in front of its value.
  void add_short_form(const std::string& name, std::string front, const std::string& help);

  /// The method as it was given.
  const std::string& text() const noexcept { return method_; }
  /// @throws Error{kInvalidArgument}, also for a size or seed that is given twice
  digest::DigestSpec spec() const;

 private:
  CLI::App* command_ = nullptr;
  std::string method_, short_form_;
  Index size_ = 0;
  std::uint64_t seed_ = 0;
};

}  // namespace prodigest::cli
