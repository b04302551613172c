#include "order_search.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "executed_sets.hpp"
#include "thimble/core/error.hpp"

namespace thimble::footprint {
namespace {

/// What executing one segment next would cost.
struct Move {
  std::size_t segment = 0;
  std::int64_t peak = 0;   // bytes live at its worst operator
  std::int64_t after = 0;  // bytes live behind it
};

// The search floods the lattice of executed sets: at a level of so many bytes it visits every set
// that is reachable without exceeding the level; if the full set is not among them, the level rises
// to the smallest peak of a move that it blocked. The level at which the full set is reached is the
// smallest possible peak.
//
// Where a segment can run within the level and leaves no more in memory than before, only that move
// is followed. Proof that nothing is lost: the bytes M(S) live between operators are a submodular
// function of the executed set S (a tensor adds its size once its maker is in S, and takes it away
// once all its readers are in S; the first is modular, the second supermodular). So if M(S ∪ {q}) ≤
// M(S), then M(S ∪ {q} ∪ P) ≤ M(S ∪ P) for every later set P, and the remaining operators of any
// continuation, run in the same order with q taken out and put first, find no more in memory than
// before. Nor does one lose a place to write into: with more operators executed a tensor has fewer
// readers left.
class OrderSearch {
 public:
  OrderSearch(const MemoryModel& model, std::span<const Segment> segments)
      : model_(model), segments_(segments), words_((segments.size() + 63) / 64), sets_(words_) {
    link();
  }

  SegmentOrder run(std::int64_t live_bytes, std::int64_t enough) && {
    level_ = std::max(live_bytes, enough);
    const std::vector<std::uint64_t> nothing(words_, 0);
    sets_.insert(nothing.data());
    states_.push_back({.live_bytes = live_bytes});
    stack_.push_back(0);
    while (true) {
      while (!stack_.empty()) {
        const std::int32_t state = stack_.back();
        stack_.pop_back();
        if (states_[state].executed == segments_.size()) return {path_to(state), level_};
        expand(state);
      }
      THIMBLE_ASSERT(!blocked_.empty());
      level_ = blocked_.top().first;
      while (!blocked_.empty() && blocked_.top().first == level_) {
        stack_.push_back(blocked_.top().second);
        blocked_.pop();
      }
    }
  }

 private:
  struct State {
    std::int64_t live_bytes = 0;
    std::int32_t parent = -1;
    std::uint32_t segment = 0;   // executed last
    std::uint32_t executed = 0;  // how many
  };

  /// A buffer that some segment's first operator reads.
  struct SharedBuffer {
    std::int64_t size = 0;
    bool can_be_freed = false;  // by this part: no output, and no reader behind it
    bool is_writable = false;
    std::vector<std::uint64_t> readers;  // set of segments
  };

  struct Links {
    std::vector<std::uint64_t> needs;  // set of segments
    std::vector<std::size_t> reads;    // indices of shared buffers
    std::int64_t first_size = 0;
    bool may_write_in_place = false;
  };

  static bool holds(const std::uint64_t* set, std::size_t i) {
    return (set[i / 64] >> (i % 64) & 1) != 0;
  }
  static void put(std::uint64_t* set, std::size_t i) {
    set[i / 64] |= std::uint64_t{1} << (i % 64);
  }

  void link() {
    std::vector<std::int32_t> segment_of(model_.buffers.size(), -1);
    NodeId last = 0;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      for (const NodeId id : segments_[i].nodes) segment_of[at(id)] = static_cast<std::int32_t>(i);
      last = std::max(last, std::ranges::max(segments_[i].nodes));
    }
    std::vector<std::int32_t> shared_of(model_.buffers.size(), -1);
    links_.resize(segments_.size());
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const NodeId first = segments_[i].nodes.front();
      Links& links = links_[i];
      links.needs.assign(words_, 0);
      links.first_size = model_.buffers[at(first)].size;
      links.may_write_in_place = model_.may_write_in_place[at(first)];
      for (const NodeId buffer : model_.reads[at(first)]) {
        if (segment_of[at(buffer)] != -1) put(links.needs.data(), segment_of[at(buffer)]);
        if (shared_of[at(buffer)] == -1) {
          shared_of[at(buffer)] = static_cast<std::int32_t>(shared_.size());
          shared_.push_back(share(model_.buffers[at(buffer)], segment_of, last));
        }
        links.reads.push_back(shared_of[at(buffer)]);
      }
    }
  }

  /// `last` is the last node of the part: whatever else reads the buffer has run before the part or
  /// runs behind it.
  SharedBuffer share(const Buffer& buffer, const std::vector<std::int32_t>& segment_of,
                     NodeId last) const {
    SharedBuffer shared{.size = buffer.size,
                        .can_be_freed = !buffer.is_output,
                        .is_writable = buffer.is_writable,
                        .readers = std::vector<std::uint64_t>(words_, 0)};
    for (const NodeId reader : buffer.readers) {
      if (segment_of[at(reader)] != -1) {
        put(shared.readers.data(), segment_of[at(reader)]);
      } else if (reader > last) {
        shared.can_be_freed = false;
      }
    }
    return shared;
  }

  bool is_ready(const std::uint64_t* executed, std::size_t segment) const {
    if (holds(executed, segment)) return false;
    for (std::size_t w = 0; w < words_; ++w) {
      if ((links_[segment].needs[w] & ~executed[w]) != 0) return false;
    }
    return true;
  }

  bool is_last_reader(const std::uint64_t* executed, std::size_t segment,
                      const SharedBuffer& buffer) const {
    for (std::size_t w = 0; w < words_; ++w) {
      std::uint64_t left = buffer.readers[w] & ~executed[w];
      if (w == segment / 64) left &= ~(std::uint64_t{1} << (segment % 64));
      if (left != 0) return false;
    }
    return true;
  }

  Move move(const std::uint64_t* executed, std::int64_t live_bytes, std::size_t segment) const {
    const Links& links = links_[segment];
    std::int64_t rest = live_bytes;
    bool in_place = false;
    for (const std::size_t read : links.reads) {
      const SharedBuffer& buffer = shared_[read];
      if (!buffer.can_be_freed || !is_last_reader(executed, segment, buffer)) continue;
      rest -= buffer.size;
      in_place = in_place || (links.may_write_in_place && buffer.is_writable);
    }
    const std::int64_t at_first = live_bytes + (in_place ? 0 : links.first_size);
    return {segment, std::max(at_first, rest + segments_[segment].hill),
            rest + segments_[segment].valley};
  }

  void expand(std::int32_t state) {
    const std::int64_t live_bytes = states_[state].live_bytes;
    executed_.assign(sets_[state], sets_[state] + words_);
    moves_.clear();
    std::int64_t next_level = std::numeric_limits<std::int64_t>::max();
    for (std::size_t segment = 0; segment < segments_.size(); ++segment) {
      if (!is_ready(executed_.data(), segment)) continue;
      const Move candidate = move(executed_.data(), live_bytes, segment);
      if (candidate.peak > level_) {
        next_level = std::min(next_level, candidate.peak);
      } else if (candidate.after <= live_bytes) {
        visit(state, candidate);
        return;
      } else {
        moves_.push_back(candidate);
      }
    }
    if (next_level != std::numeric_limits<std::int64_t>::max()) blocked_.emplace(next_level, state);
    // The stack gives back the last one first: the one that leaves the least in memory.
    std::ranges::stable_sort(moves_, std::greater<>{}, &Move::after);
    for (const Move& candidate : moves_) visit(state, candidate);
  }

  void visit(std::int32_t from, const Move& made) {
    put(executed_.data(), made.segment);
    const bool is_new = sets_.insert(executed_.data());
    executed_[made.segment / 64] &= ~(std::uint64_t{1} << (made.segment % 64));
    if (!is_new) return;
    stack_.push_back(static_cast<std::int32_t>(states_.size()));
    states_.push_back({.live_bytes = made.after,
                       .parent = from,
                       .segment = static_cast<std::uint32_t>(made.segment),
                       .executed = states_[from].executed + 1});
  }

  std::vector<std::size_t> path_to(std::int32_t state) const {
    std::vector<std::size_t> order;
    for (; states_[state].parent != -1; state = states_[state].parent) {
      order.push_back(states_[state].segment);
    }
    std::ranges::reverse(order);
    return order;
  }

  using Blocked = std::pair<std::int64_t, std::int32_t>;  // smallest blocked peak, state

  const MemoryModel& model_;
  std::span<const Segment> segments_;
  std::size_t words_;         // of a set of segments
  std::vector<Links> links_;  // by segment
  std::vector<SharedBuffer> shared_;
  ExecutedSets sets_;
  std::vector<State> states_;  // by the number of their set
  std::vector<std::int32_t> stack_;
  std::priority_queue<Blocked, std::vector<Blocked>, std::greater<>> blocked_;
  std::int64_t level_ = 0;
  std::vector<std::uint64_t> executed_;  // of the state that is being expanded
  std::vector<Move> moves_;
};

}  // namespace

SegmentOrder best_segment_order(const MemoryModel& model, std::span<const Segment> segments,
                                std::int64_t live_bytes, std::int64_t enough) {
  return OrderSearch(model, segments).run(live_bytes, enough);
}

}  // namespace thimble::footprint
