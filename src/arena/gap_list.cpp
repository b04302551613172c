#include "gap_list.hpp"

#include <algorithm>
#include <limits>

namespace thimble::arena {

void GapList::place(std::size_t i, Fit fit) {
  ArenaBuffer& wanted = buffers_[i];
  Bytes end;  // of what lies below, as far as it has been looked at
  Bytes tightest(std::numeric_limits<std::int64_t>::max());
  Bytes found(-1);
  for (const std::size_t j : by_offset_) {
    const ArenaBuffer& placed = buffers_[j];
    if (!overlap_in_time(placed, wanted)) continue;
    const Bytes gap = placed.offset - end;
    if (gap >= wanted.size && gap < tightest) {
      found = end;
      tightest = gap;
      if (fit == Fit::kLowest) break;
    }
    end = std::max(end, placed.offset + placed.size);
  }
  wanted.offset = found >= 0_B ? found : end;
  keep(i);
}

void GapList::keep(std::size_t i) {
  const auto offset_of = [&](std::size_t j) { return buffers_[j].offset; };
  by_offset_.insert(std::ranges::upper_bound(by_offset_, offset_of(i), {}, offset_of), i);
}

}  // namespace thimble::arena
