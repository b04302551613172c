#pragma once

#include <cstdint>
#include <span>

#include "thimble/arena/memory_planner.hpp"

namespace thimble {

/// How long to look for a better packing; what is found depends on these numbers, never on time. Of
/// more than a hundred buffers each of them takes longer, and both numbers are divided by the
/// square of how many hundreds there are.
struct PackingEffort {
  /// Local search tries so many orders of placing the buffers.
  int orders = 2'000;
  /// The search through all packings gives up after so many placements. The default is enough for
  /// any `kSurelyPackedBest` buffers, and for most networks of a hundred.
  std::int64_t placements = 1'000'000;
};

/// Up to so many buffers `pack` finds the best packing with its default effort.
inline constexpr std::size_t kSurelyPackedBest = 12;

struct Packing {
  Bytes head;
  /// No packing has less: the most bytes that are live at once or, when all packings have been
  /// searched, `head`.
  Bytes lower_bound;

  /// 0: the best there is.
  Bytes gap() const { return head - lower_bound; }
};

/// Sets the offsets so that buffers that are live at the same time lie apart and the head is small:
/// never larger than `plan_greedily` makes it, and proved to be the smallest where `gap()` is 0. To
/// find the smallest is NP-hard (Garey & Johnson 1979, SR2: dynamic storage allocation). Greedy in
/// several orders first, then local search over orders, then branch and bound; each only if what
/// is known to be the least has not been reached. Sizes are multiples of 16, and so are offsets.
Packing pack(std::span<ArenaBuffer> buffers, PackingEffort effort = {});

/// The most bytes that are live at one time.
Bytes most_live(std::span<const ArenaBuffer> buffers);

}  // namespace thimble
