#pragma once

#include <cstdint>

namespace thimble::arena {

/// Of every buffer in the arena, and of kernels' own data.
inline constexpr std::int64_t kArenaAlignment = 16;

constexpr std::int64_t align_up(std::int64_t bytes, std::int64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace thimble::arena
