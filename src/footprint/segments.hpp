#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "memory_model.hpp"

namespace thimble::footprint {

/// Operators that some best order runs one after another, without a pause: a stretch of a run,
/// where each operator reads only what the one before it made, and nothing else reads that. Their
/// bytes are counted above what else is in memory once the first operator has freed its inputs.
struct Segment {
  std::vector<NodeId> nodes;
  std::int64_t hill = 0;    // bytes while the worst of nodes[1…] runs; 0 when there is none
  std::int64_t valley = 0;  // bytes that stay when the last one has run
};

/// The steps of a part of a network (in an order in which they can run) as segments, ordered
/// likewise. `is_in_part` is by node. Some order of whole segments is as good as the best order of
/// the steps.
std::vector<Segment> segments(const MemoryModel& model, std::span<const NodeId> steps,
                              const std::vector<bool>& is_in_part);

}  // namespace thimble::footprint
