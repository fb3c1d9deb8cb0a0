#pragma once
// What info tells of a file, for programs and for people.

#include <string>
#include <utility>
#include <vector>

#include "session.hpp"

namespace prodigest::cli {

struct Facts {
  Json fields;
  std::vector<std::pair<std::string, std::string>> lines;

  void put(std::string name, std::string value) {
    lines.emplace_back(std::move(name), std::move(value));
  }
  /// The lines, values below each other.
  std::string text() const;
};

}  // namespace prodigest::cli
