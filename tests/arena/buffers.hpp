#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "thimble/arena/memory_planner.hpp"
#include "thimble/core/rng.hpp"

namespace thimble::testing {

/// Of `size` bytes, in use from operator `first` to `last`.
inline ArenaBuffer buffer(std::int64_t size, int first, int last) {
  return {.size = Bytes(size), .first = first, .last = last};
}

struct RandomBuffers {
  std::int64_t most = 40;      // how many there may be
  std::int64_t latest = 20;    // time
  std::int64_t largest = 200;  // in lines of 16; half of the time it is 4, so that many are equal
};

/// Buffers of short lives, as a network's tensors have.
inline std::vector<ArenaBuffer> random_buffers(Rng& rng, RandomBuffers options = {}) {
  std::vector<ArenaBuffer> buffers(static_cast<std::size_t>(rng.uniform_int(1, options.most)));
  const std::int64_t time = rng.uniform_int(1, options.latest);
  const std::int64_t largest =
      rng.chance(0.5) ? std::min<std::int64_t>(4, options.largest) : options.largest;
  for (ArenaBuffer& wanted : buffers) {
    wanted.size = Bytes(16 * rng.uniform_int(1, largest));
    wanted.first = static_cast<int>(rng.uniform_int(0, time));
    wanted.last =
        static_cast<int>(rng.uniform_int(wanted.first, std::min(time, wanted.first + 4L)));
  }
  return buffers;
}

/// Whether all that are live at the same time lie apart.
inline bool is_packing(const std::vector<ArenaBuffer>& buffers) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const ArenaBuffer& a = buffers[i];
      const ArenaBuffer& b = buffers[j];
      if (!overlap_in_time(a, b)) continue;
      if (a.offset + a.size > b.offset && b.offset + b.size > a.offset) return false;
    }
  }
  return true;
}

}  // namespace thimble::testing
