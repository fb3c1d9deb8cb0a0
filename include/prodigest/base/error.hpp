#pragma once
/// The one exception of the library.

#include <stdexcept>
#include <string>

namespace prodigest {

enum class ErrorCode {
  kInvalidArgument,  ///< the caller's argument or the input data cannot be used
  kIncompatible,     ///< two digests that cannot be combined
  kFormat,           ///< bytes of a file that are not what they claim to be
  kIo,               ///< the operating system refused to read or write
  kUnsupported,      ///< valid input of a sort that is not handled
  kCancelled,        ///< Context::cancel was requested
};

/// The only exception the library throws (besides std::bad_alloc). what() reads
/// "<where>: <rule>, got <value> (<what to do>)", e.g.
/// "merge: seeds must be equal, got 1 and 2 (remake one digest with --seed 1)".
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace prodigest
