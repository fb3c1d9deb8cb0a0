#pragma once
// What all pictures have in common: the page, its style and title, texts.

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace prodigest::io {

/// Pixels that a text takes, about.
double text_width(std::string_view text);

class SvgCanvas {
 public:
  /// A page of width x height pixels with the title at its top.
  SvgCanvas(std::string_view title, double width, double height);

  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  void text(double x, double y, std::string_view attributes, std::string_view content);
  /// The whole document.
  std::string take() &&;

 private:
  std::string text_;
};

}  // namespace prodigest::io
