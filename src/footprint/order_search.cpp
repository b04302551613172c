#include "order_search.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <utility>

#include "executed_sets.hpp"
#include "segment_graph.hpp"
#include "thimble/core/error.hpp"

namespace thimble::footprint {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// Floods the lattice of executed sets, forward from the empty one or backward from the full one: at
// a level of so many bytes it visits every set that moves with no higher peak lead to, and keeps
// for later those where a move was blocked.
//
// Where a move within the level leaves no more in memory than before, only that move is followed.
// Nothing is lost by that, because the bytes M(S) that are live behind an executed set S are a
// submodular function of S: a tensor adds its size once its maker is in S, which is modular, and
// takes it away once all its readers are, which is supermodular.
//
// - Forward, from S: if M(S ∪ q) ≤ M(S), then M(S ∪ P ∪ q) ≤ M(S ∪ P) for every P behind S. So
//   on any way from S the segment q may be taken out of its place and put first: whatever runs
//   before that place finds no more in memory, and no more readers left of what it writes into.
// - Backward, from T: if M(T \ q) ≤ M(T), then M(T \ P \ q) ≤ M(T \ P). So q may go last: whatever
//   runs behind its old place finds no more in memory. An addition that wrote into a tensor which
//   q now still has to read makes its sum beside it instead. Then what is live behind it, without
//   q, and what it frees is live; and that is no more than was live while it wrote in place.
class Flood {
 public:
  Flood(const SegmentGraph& graph, Direction direction, std::int64_t live)
      : graph_(graph), direction_(direction), sets_(graph.words()), set_(graph.words(), 0) {
    if (direction == Direction::kBackward) {
      for (std::size_t i = 0; i < graph.size(); ++i) SegmentGraph::flip(set_.data(), i);
    }
    sets_.insert(set_.data());
    states_.push_back({.live = live});
    stack_.push_back(0);
  }

  /// The number of sets visited.
  std::size_t size() const { return states_.size(); }
  bool has_arrived() const { return arrived_ != -1; }
  /// True when every set that this level reaches has been visited and followed.
  bool is_exhausted() const { return stack_.empty(); }
  /// The lowest level that reaches anything new; only when exhausted.
  std::int64_t next_level() const { return blocked_.empty() ? kNever : blocked_.top().first; }

  void raise(std::int64_t level) {
    level_ = level;
    while (!blocked_.empty() && blocked_.top().first <= level_) {
      stack_.push_back(blocked_.top().second);
      blocked_.pop();
    }
  }

  /// Follows one visited set. Needs one that is not followed yet.
  void step() {
    const std::int32_t state = stack_.back();
    stack_.pop_back();
    const std::int64_t live = states_[state].live;
    set_.assign(sets_[state], sets_[state] + graph_.words());
    moves_.clear();
    std::int64_t least_blocked = kNever;
    for (std::size_t segment = 0; segment < graph_.size(); ++segment) {
      if (!graph_.can_move(set_.data(), segment, direction_)) continue;
      const Move move = graph_.move(set_.data(), live, segment, direction_);
      if (move.peak > level_) {
        least_blocked = std::min(least_blocked, move.peak);
      } else if (move.live <= live) {
        visit(state, move);
        return;
      } else {
        moves_.push_back(move);
      }
    }
    if (least_blocked != kNever) blocked_.emplace(least_blocked, state);
    // The stack gives back the last one first: the one that leaves the least in memory.
    std::ranges::stable_sort(moves_, std::greater<>{}, &Move::live);
    for (const Move& move : moves_) visit(state, move);
  }

  /// All segments in the order in which they run. Needs to have arrived.
  std::vector<std::size_t> order() const {
    std::vector<std::size_t> order;
    for (std::int32_t state = arrived_; states_[state].parent != -1;
         state = states_[state].parent) {
      order.push_back(states_[state].segment);
    }
    if (direction_ == Direction::kForward) std::ranges::reverse(order);
    return order;
  }

 private:
  struct State {
    std::int64_t live = 0;
    std::int32_t parent = -1;
    std::uint32_t segment = 0;  // moved last
    std::uint32_t moves = 0;    // from the first state
  };

  void visit(std::int32_t from, const Move& move) {
    SegmentGraph::flip(set_.data(), move.segment);
    const bool is_new = sets_.insert(set_.data());
    SegmentGraph::flip(set_.data(), move.segment);
    if (!is_new) return;
    const auto state = static_cast<std::int32_t>(states_.size());
    stack_.push_back(state);
    states_.push_back({.live = move.live,
                       .parent = from,
                       .segment = static_cast<std::uint32_t>(move.segment),
                       .moves = states_[from].moves + 1});
    if (states_[state].moves == graph_.size()) arrived_ = state;
  }

  using Blocked = std::pair<std::int64_t, std::int32_t>;  // lowest blocked peak, state

  const SegmentGraph& graph_;
  Direction direction_;
  std::int64_t level_ = 0;
  ExecutedSets sets_;
  std::vector<State> states_;  // by the number of their set
  std::vector<std::int32_t> stack_;
  std::priority_queue<Blocked, std::vector<Blocked>, std::greater<>> blocked_;
  std::int32_t arrived_ = -1;
  std::vector<std::uint64_t> set_;  // that is being followed
  std::vector<Move> moves_;
};

/// Bytes live when all segments have run.
std::int64_t live_at_end(const SegmentGraph& graph, std::int64_t live) {
  std::vector<std::uint64_t> executed(graph.words(), 0);
  for (std::size_t i = 0; i < graph.size(); ++i) {
    live = graph.move(executed.data(), live, i, Direction::kForward).live;
    SegmentGraph::flip(executed.data(), i);
  }
  return live;
}

}  // namespace

// One flood that cannot go on proves that no order keeps the level. Which one that is first depends
// on where in the part the bottleneck lies, so both are tried, always the smaller one; the backward
// one only when the forward one has not been quick.
std::optional<SegmentOrder> best_segment_order(const MemoryModel& model,
                                               std::span<const Segment> segments,
                                               std::int64_t live_bytes, std::int64_t enough,
                                               std::size_t most_sets) {
  constexpr std::size_t kQuick = 8;  // sets
  const SegmentGraph graph(model, segments);
  std::int64_t level = std::max(live_bytes, enough);
  Flood forward(graph, Direction::kForward, live_bytes);
  forward.raise(level);
  std::optional<Flood> backward;
  while (true) {
    if (!backward && forward.size() >= kQuick) {
      backward.emplace(graph, Direction::kBackward, live_at_end(graph, live_bytes));
      backward->raise(level);
    }
    Flood& flood = backward && backward->size() < forward.size() ? *backward : forward;
    if (flood.is_exhausted()) {
      level = flood.next_level();
      THIMBLE_ASSERT(level != kNever);
      forward.raise(level);
      if (backward) backward->raise(level);
      continue;
    }
    flood.step();
    if (flood.has_arrived()) return SegmentOrder{flood.order(), level};
    if (forward.size() + (backward ? backward->size() : 0) > most_sets) return std::nullopt;
  }
}

}  // namespace thimble::footprint
