#pragma once
// Asking for an Error by its code and its whole message.

#include <gtest/gtest.h>

#include <string_view>

#include "prodigest/base/error.hpp"

namespace prodigest {

template <class Call>
void expect_error(ErrorCode code, std::string_view message, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(error.what(), message);
    return;
  }
  ADD_FAILURE() << "expected the error: " << message;
}

}  // namespace prodigest
