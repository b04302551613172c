#pragma once

#include <string>
#include <string_view>

namespace thimble {

/// Text of unknown origin (a file's name, a key) as one line of valid UTF-8, fit for a complaint:
/// control characters and bytes that are no UTF-8 become `\n`, `\t` or `\xNN`, a backslash becomes
/// two. Texts that differ stay different.
std::string printable(std::string_view text);

}  // namespace thimble
