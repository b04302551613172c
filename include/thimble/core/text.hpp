#pragma once

#include <span>
#include <string>
#include <string_view>

namespace thimble {

/// The candidate that is closest to `name` by edit distance (insert, delete, replace, swap of
/// neighbours; case ignored), or "" when even the closest differs in more than a third of its
/// letters plus one.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

/// ` (did you mean "x"?)` or "": for the end of an error's text.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace thimble
