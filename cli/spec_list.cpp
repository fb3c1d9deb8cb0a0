#include "spec_list.hpp"

#include <algorithm>

namespace prodigest::cli {

std::vector<std::string> split_specs(const std::string& list) {
  std::vector<std::string> specs;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string word = list.substr(at, end - at);
    if (!specs.empty() && word.find('=') < word.find(':'))
      specs.back() += "," + word;
    else
      specs.push_back(word);
    at = end + 1;
  }
  return specs;
}

}  // namespace prodigest::cli
