#pragma once
// Asking for an Error by its code and some words of its message.

#include <gtest/gtest.h>

#include <string>

#include "prodigest/base/error.hpp"

namespace prodigest::sampling {

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

}  // namespace prodigest::sampling
