#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "thimble/arena/memory_planner.hpp"

namespace thimble::arena {

/// Which of the gaps that are large enough a buffer takes; all planners know those between buffers
/// of its time only.
enum class Fit {
  kLowest,
  kTightest,  // the smallest gap, the lowest of equals; the open end when no gap will do
};

/// Buffers that are placed one by one. `buffers` must outlive it; it sets their offsets.
class GapList {
 public:
  explicit GapList(std::span<ArenaBuffer> buffers) : buffers_(buffers) {
    by_offset_.reserve(buffers.size());
  }

  /// Finds a place for buffers[i]. Linear in what is placed.
  void place(std::size_t i, Fit fit = Fit::kLowest);
  /// Takes buffers[i] as it lies, over others if need be.
  void keep(std::size_t i);

 private:
  std::span<ArenaBuffer> buffers_;
  std::vector<std::size_t> by_offset_;  // the placed ones; of equal offsets in order of placing
};

}  // namespace thimble::arena
