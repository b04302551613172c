#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "memory_model.hpp"
#include "segments.hpp"

namespace thimble::footprint {

/// Towards the end of the part, or back from there.
enum class Direction { kForward, kBackward };

/// What it costs to execute a segment next, or to take back one that was executed last.
struct Move {
  std::size_t segment = 0;
  std::int64_t peak = 0;  // bytes live at the segment's worst operator
  std::int64_t live = 0;  // bytes live between operators when the move is made
};

/// The segments of one part of a network, and what they need of each other: what they read, and of
/// several that differ in nothing that matters each needs the one before it, for exchanging them
/// would change nothing. A set of segments is `words()` × 64 bits.
class SegmentGraph {
 public:
  SegmentGraph(const MemoryModel& model, std::span<const Segment> segments);

  std::size_t size() const { return links_.size(); }
  std::size_t words() const { return words_; }

  static bool holds(const std::uint64_t* set, std::size_t i) {
    return (set[i / 64] >> (i % 64) & 1) != 0;
  }
  static void flip(std::uint64_t* set, std::size_t i) {
    set[i / 64] ^= std::uint64_t{1} << (i % 64);
  }

  /// Forward: the segment is not executed, and all that it needs is. Backward: it is, and nothing
  /// that needs it is.
  bool can_move(const std::uint64_t* executed, std::size_t segment, Direction direction) const;

  /// A move from the set `executed`, behind which `live` bytes are live.
  Move move(const std::uint64_t* executed, std::int64_t live, std::size_t segment,
            Direction direction) const;

 private:
  /// A buffer that the first operator of some segment reads.
  struct SharedBuffer {
    std::int64_t size = 0;
    bool can_be_freed =
        false;  // within the part: it is no output, and nothing behind the part reads it
    bool is_writable = false;
    std::vector<std::uint64_t> readers;  // set of segments
  };

  struct Links {
    std::vector<std::uint64_t> needs;      // set of segments
    std::vector<std::uint64_t> needed_by;  // set of segments
    std::vector<std::size_t> reads;        // indices of shared buffers
    std::int64_t first_size = 0;           // output of the first operator
    std::int64_t first_scratch = 0;        // what that needs besides
    std::int64_t hill = 0;
    std::int64_t valley = 0;
    bool may_write_in_place = false;

    bool costs_the_same(const Links& other) const {
      return reads == other.reads && first_size == other.first_size &&
             first_scratch == other.first_scratch && hill == other.hill && valley == other.valley &&
             may_write_in_place == other.may_write_in_place;
    }
  };

  void order_twins(const MemoryModel& model, std::span<const Segment> segments);
  SharedBuffer share(const Buffer& buffer, const std::vector<std::int32_t>& segment_of,
                     NodeId last) const;
  bool is_last_reader(const std::uint64_t* executed, std::size_t segment,
                      const SharedBuffer& buffer) const;

  std::size_t words_;
  std::vector<Links> links_;  // by segment
  std::vector<SharedBuffer> shared_;
};

}  // namespace thimble::footprint
