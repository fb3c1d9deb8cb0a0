#pragma once
/// The one grammar of configurations, shared by the command line, the bindings and file headers:
/// "name:key=value,key=value", e.g. "priority:size=1000,seed=42".

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "prodigest/base/types.hpp"

namespace prodigest {

/// A parsed configuration. take_* hand out a value once; finish() refuses what nobody took, so that a
/// misspelt key is never ignored.
class SpecText {
 public:
  /// @throws Error{kInvalidArgument} naming the place in the text
  explicit SpecText(std::string_view text);

  const std::string& name() const noexcept { return name_; }

  /// The value of `key`, or `fallback` if it is not there.
  /// @throws Error{kInvalidArgument} if the value is not of the type
  std::string take(std::string_view key, std::string_view fallback);
  Index take_index(std::string_view key, Index fallback);
  std::uint64_t take_unsigned(std::string_view key, std::uint64_t fallback);
  double take_number(std::string_view key, double fallback);

  /// @throws Error{kInvalidArgument} if a key was not taken, naming `known`, what can be given
  void finish(std::string_view known) const;

 private:
  std::string text_;
  std::string name_;
  std::vector<std::pair<std::string, std::string>> entries_;
};

/// Writes what SpecText reads.
class SpecWriter {
 public:
  explicit SpecWriter(std::string_view name) : text_(name) {}
  SpecWriter& put(std::string_view key, std::string_view value);
  SpecWriter& put(std::string_view key, std::uint64_t value);
  SpecWriter& put(std::string_view key, double value);  ///< shortest text that reads back the same
  std::string text() const { return text_; }

 private:
  std::string text_;
  bool first_ = true;
};

}  // namespace prodigest
