#pragma once
// Throwing an Error with a formatted message; private, so that fmt stays out of the public headers.

#include <fmt/format.h>

#include <utility>

#include "prodigest/base/error.hpp"

namespace prodigest {

template <class... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace prodigest
