#pragma once
// What is written in a picture.

#include <regex>
#include <string>
#include <vector>

namespace prodigest::io {

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

// What stands in the <text> elements of a class.
inline std::vector<std::string> texts(const std::string& svg, const std::string& name) {
  const std::regex pattern("<text [^>]*class=\"" + name + "\"[^>]*>([^<]*)</text>");
  std::vector<std::string> found;
  for (std::sregex_iterator it(svg.begin(), svg.end(), pattern), end; it != end; ++it)
    found.push_back((*it)[1]);
  return found;
}

// Every element that is opened is closed, in order, and nothing stands after the root.
inline bool well_formed(const std::string& svg) {
  const std::regex tag("<(/?)([a-z]+)((?: [a-zA-Z-]+=\"[^\"<]*\")*)(/?)>");
  std::vector<std::string> open;
  std::size_t tags = 0;
  for (std::sregex_iterator it(svg.begin(), svg.end(), tag), end; it != end; ++it, ++tags) {
    if ((*it)[4] == "/") continue;
    if ((*it)[1] != "/") {
      open.push_back((*it)[2]);
    } else if (open.empty() || open.back() != (*it)[2]) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty() && tags == count(svg, "<") && svg.ends_with("</svg>\n");
}

}  // namespace prodigest::io
