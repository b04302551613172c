#include "thimble/arena/memory_planner.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace thimble {

Bytes plan_greedily(std::span<ArenaBuffer> buffers) {
  // A stable sort of the reversed order: of equal sizes the later buffer comes first.
  std::vector<std::size_t> by_size(buffers.size());
  std::iota(by_size.rbegin(), by_size.rend(), 0);
  std::ranges::stable_sort(by_size, std::greater{}, [&](std::size_t i) { return buffers[i].size; });
  std::vector<std::size_t> by_offset;  // those that are placed
  by_offset.reserve(buffers.size());
  const auto offset_of = [&](std::size_t i) { return buffers[i].offset; };
  for (const std::size_t i : by_size) {
    ArenaBuffer& wanted = buffers[i];
    wanted.offset = {};
    for (const std::size_t j : by_offset) {
      const ArenaBuffer& placed = buffers[j];
      if (!overlap_in_time(placed, wanted)) continue;
      if (placed.offset - wanted.offset >= wanted.size) break;
      wanted.offset = std::max(wanted.offset, placed.offset + placed.size);
    }
    by_offset.insert(std::ranges::upper_bound(by_offset, wanted.offset, {}, offset_of), i);
  }
  return head_size(buffers);
}

Bytes head_size(std::span<const ArenaBuffer> buffers) {
  Bytes end;
  for (const ArenaBuffer& buffer : buffers) end = std::max(end, buffer.offset + buffer.size);
  return end;
}

int peak_time(std::span<const ArenaBuffer> buffers) {
  const Bytes end = head_size(buffers);
  int last = 0;
  for (const ArenaBuffer& buffer : buffers) last = std::max(last, buffer.last);
  int fullest = 0;
  std::pair<bool, Bytes> most;  // whether the end is reached, and what is held
  for (int time = 0; time <= last; ++time) {
    std::pair<bool, Bytes> here;
    for (const ArenaBuffer& buffer : buffers) {
      if (!is_live(buffer, time)) continue;
      here.first |= buffer.offset + buffer.size == end;
      here.second += buffer.size;
    }
    if (here <= most) continue;
    most = here;
    fullest = time;
  }
  return fullest;
}

}  // namespace thimble
