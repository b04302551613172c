#include "thimble/core/printable.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace thimble {
namespace {

/// The bytes of the code point at the beginning of `text`; 0 when it begins with none
/// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t code_point_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) >= 0xA0;
  const bool beyond = first == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_control(std::string_view code_point) {
  const auto first = static_cast<std::uint8_t>(code_point[0]);
  if (code_point.size() == 1) return first < 0x20 || first == 0x7F;
  // U+0080 to U+009F, and the separators of lines and paragraphs, U+2028 and U+2029.
  return (first == 0xC2 && static_cast<std::uint8_t>(code_point[1]) < 0xA0) ||
         code_point == "\xE2\x80\xA8" || code_point == "\xE2\x80\xA9";
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = code_point_length(text);
    const std::string_view head = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(head.size());
    if (head == "\\") {
      out += "\\\\";
    } else if (head == "\n") {
      out += "\\n";
    } else if (head == "\t") {
      out += "\\t";
    } else if (length == 0 || is_control(head)) {
      for (const char c : head) out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
    } else {
      out += head;
    }
  }
  return out;
}

}  // namespace thimble
