#pragma once
// Lists of specs on the command line.

#include <string>
#include <vector>

namespace prodigest::cli {

/// "osnap:nonzeros=4,priority:weight=norm,mixture=0.5" is two specs: key=value alone continues one.
std::vector<std::string> split_specs(const std::string& list);

}  // namespace prodigest::cli
