#pragma once
// Text within SVG and HTML.

#include <string>
#include <string_view>

namespace prodigest::io {

/// Text as it may stand between tags. Control characters become blanks.
std::string xml_text(std::string_view text);

}  // namespace prodigest::io
