#pragma once
// Asking for an Error by its code, and by its whole message or some words of it.

#include <gtest/gtest.h>

#include <string>
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

template <class Call>
void expect_refusal(ErrorCode code, const std::string& words, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos)
        << "got:      " << error.what() << "\nexpected: " << words;
    return;
  }
  ADD_FAILURE() << "nothing was thrown, expected: " << words;
}

}  // namespace prodigest
