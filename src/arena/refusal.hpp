#pragma once

#include <string_view>

#include "thimble/arena/network.hpp"
#include "thimble/arena/target.hpp"

namespace thimble::arena {

/// For an operator whose figures nobody has measured on this target: throws ModelError. `which`
/// tells it from others of its name, or is "".
[[noreturn]] void refuse(const ArenaOperator& op, const ArenaTarget& target,
                         std::string_view which);

}  // namespace thimble::arena
