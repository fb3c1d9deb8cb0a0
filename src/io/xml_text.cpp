#include "io/xml_text.hpp"

namespace prodigest::io {

std::string xml_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;  // XML has no control characters
  }
  return result;
}

}  // namespace prodigest::io
