#pragma once
// Why a method was chosen, in words and numbers.

#include <string>

#include "prodigest/compare/recommend.hpp"

namespace prodigest::compare {

/// Two or three sentences. @pre all but the reason is filled in
std::string reason_for(const PairStatistics& pair, const Recommendation& recommendation);

}  // namespace prodigest::compare
