#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "memory_model.hpp"
#include "segments.hpp"

namespace thimble::footprint {

struct SegmentOrder {
  std::vector<std::size_t> order;  // indices of segments
  std::int64_t peak = 0;           // no more bytes than these are live at any time
};

/// An order of the segments of one part of a network whose peak is the smallest possible, or
/// `enough` if that is more. `live_bytes` are in memory when the part begins, which is after
/// everything that is not in `segments` and is read in it. Nothing when more than `most_sets` sets
/// of executed segments would have to be visited.
std::optional<SegmentOrder> best_segment_order(const MemoryModel& model,
                                               std::span<const Segment> segments,
                                               std::int64_t live_bytes, std::int64_t enough,
                                               std::size_t most_sets);

}  // namespace thimble::footprint
