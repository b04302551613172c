#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace thimble {

/// SHA-1 (FIPS 180-4, 6.1) as five numbers, the first one the most significant. For what was once
/// defined by it; it protects nothing.
std::array<std::uint32_t, 5> sha1(std::string_view text);

}  // namespace thimble
