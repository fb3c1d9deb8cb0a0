#pragma once
// --gain of attend: what weights outside the local block are multiplied by.

#include <string>
#include <vector>

#include "prodigest/attention/attention.hpp"

namespace prodigest::cli {

/// The gain of each head from "0.02", "0.02,0.05,..." or "auto", which makes a random remote key
/// weigh about as much as a random local one: 3 size / head_dim² for degree 4, at most 1.
/// @throws Error{kInvalidArgument}
std::vector<double> parse_remote_gain(const std::string& text, const attention::AttentionSpec& spec,
                                      const attention::AttentionShape& shape);

}  // namespace prodigest::cli
