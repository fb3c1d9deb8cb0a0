#pragma once
// Methods as parts of test names.

#include <gtest/gtest.h>

#include <string>

#include "prodigest/sampling/sample_spec.hpp"

namespace prodigest::sampling {

inline std::string method_name(Method method) {
  if (method == Method::kPriority) return "Priority";
  return method == Method::kThreshold ? "Threshold" : "PlainThreshold";
}

inline std::string method_test_name(const testing::TestParamInfo<Method>& info) {
  return method_name(info.param);
}

inline const auto kAllMethods =
    testing::Values(Method::kPriority, Method::kThreshold, Method::kPlainThreshold);

}  // namespace prodigest::sampling
