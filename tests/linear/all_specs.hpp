#pragma once
// One spec of every operator, for tests that all must pass.

#include <array>
#include <string>

#include "prodigest/linear/linear_spec.hpp"

namespace prodigest::linear {

inline constexpr std::array kAllSpecs = {
    "gaussian:size=20,seed=5",          "sign:size=20,seed=5",
    "countsketch:size=20,seed=5",       "osnap:size=20,seed=5,nonzeros=4",
    "osnap:size=19,seed=5,nonzeros=19", "srht:size=20,seed=5,length=1024",
    "srht:size=64,seed=5,length=64"};

/// No two of these go together.
inline constexpr std::array kOtherSpecs = {"gaussian:size=5",
                                           "sign:size=5",
                                           "sign:size=6",
                                           "countsketch:size=5",
                                           "osnap:size=5,nonzeros=2",
                                           "osnap:size=5,nonzeros=3",
                                           "srht:size=5,length=64",
                                           "srht:size=5,length=128"};

inline LinearSpec with_parts(std::string text) { return parse_linear_spec(text + ",rows=parts"); }

}  // namespace prodigest::linear
