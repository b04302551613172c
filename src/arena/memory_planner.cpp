#include "thimble/arena/memory_planner.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "gap_list.hpp"

namespace thimble {

Bytes plan_greedily(std::span<ArenaBuffer> buffers, std::span<const std::int32_t> fixed) {
  arena::GapList placed(buffers);
  std::vector<std::size_t> by_size;
  by_size.reserve(buffers.size());
  for (std::size_t i = buffers.size(); i-- > 0;) by_size.push_back(i);
  if (!fixed.empty()) {
    const auto offset = [&](std::size_t i) {
      const std::int32_t tensor = buffers[i].tensor;
      return tensor < 0 ? kPlannerDecides : fixed[static_cast<std::size_t>(tensor)];
    };
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      if (offset(i) == kPlannerDecides) continue;
      buffers[i].offset = Bytes(offset(i));
      placed.keep(i);
    }
    std::erase_if(by_size, [&](std::size_t i) { return offset(i) != kPlannerDecides; });
  }
  // A stable sort of the reversed order: of equal sizes the later buffer comes first.
  std::ranges::stable_sort(by_size, std::greater{}, [&](std::size_t i) { return buffers[i].size; });
  for (const std::size_t i : by_size) placed.place(i);
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
