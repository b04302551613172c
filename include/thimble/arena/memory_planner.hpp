#pragma once

#include <cstdint>
#include <span>

#include "thimble/core/units.hpp"

namespace thimble {

/// Something that needs a place in the arena's head for a while: a tensor, or the scratch memory of
/// an operator. Time 0 is before the first operator; the operators run at times 1, 2, ….
struct ArenaBuffer {
  std::int32_t tensor = -1;  // −1: scratch memory
  int scratch_of = -1;       // the operator; −1: a tensor
  Bytes size;                // a multiple of 16
  int first = 0;
  int last = 0;  // inclusive
  Bytes offset;  // from the start of the arena, set by a planner

  bool operator==(const ArenaBuffer&) const = default;
};

inline bool is_live(const ArenaBuffer& buffer, int time) {
  return buffer.first <= time && time <= buffer.last;
}

inline bool overlap_in_time(const ArenaBuffer& a, const ArenaBuffer& b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Sets the offsets as TensorFlow Lite Micro's GreedyMemoryPlanner does: from large to small, of
/// equals the later one first, each in the lowest gap between the buffers of its time that are
/// placed already. Returns the size of the head. Greedy: the best packing may be smaller, and to
/// find it is NP-hard. Quadratic in the number of buffers.
///
/// `fixed` is empty, or says for each tensor of the file where it lies, as the file's own plan
/// does: those tensors come first and are not looked at again, even where they lie over each other.
Bytes plan_greedily(std::span<ArenaBuffer> buffers, std::span<const std::int32_t> fixed = {});

/// Stands in a file's plan for a tensor that has no fixed place.
inline constexpr std::int32_t kPlannerDecides = -1;

/// Where the last of these buffers ends.
Bytes head_size(std::span<const ArenaBuffer> buffers);

/// When the head is at its fullest: of the times at which a live buffer reaches its end, the first
/// at which the live buffers hold most.
int peak_time(std::span<const ArenaBuffer> buffers);

}  // namespace thimble
