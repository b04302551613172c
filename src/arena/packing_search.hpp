#pragma once

#include <cstdint>
#include <span>

#include "thimble/arena/memory_planner.hpp"

namespace thimble::arena {

/// Branch and bound over all packings. The buffers' offsets must be some packing; they become a
/// better one where there is one. Ends when the head is no larger than `enough`. False when it gave
/// up after so many placements, or at once where they are fewer than the buffers: then there may be
/// better ones.
bool improve_by_search(std::span<ArenaBuffer> buffers, Bytes enough, std::int64_t placements);

}  // namespace thimble::arena
