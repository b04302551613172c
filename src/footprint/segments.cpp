#include "segments.hpp"

#include <algorithm>

namespace thimble::footprint {
namespace {

/// A segment in the making. The first one of a run begins with an operator that may read tensors
/// which others read too: what it frees, and whether it writes in place, depends on the order, so
/// there are only bounds.
struct Stretch {
  Segment segment;
  std::int64_t start = 0;          // bytes held before it, at most
  std::int64_t least_hill = 0;     // bytes at its worst operator, at least
  std::int64_t greatest_hill = 0;  // … and at most
};

class RunContraction {
 public:
  RunContraction(const MemoryModel& model, const std::vector<bool>& is_in_part)
      : model_(model), is_in_part_(is_in_part) {}

  /// The node that reads, alone and nothing else, what `id` made; -1 when there is none.
  NodeId next_in_run(NodeId id) const {
    const Buffer& made = model_.buffers[at(id)];
    if (made.is_output || made.readers.size() != 1) return -1;
    const NodeId next = made.readers[0];
    return is_in_part_[at(next)] && model_.reads[at(next)].size() == 1 ? next : -1;
  }

  /// The run that begins with `first`, as segments.
  //
  // Let a and b be neighbours, each with its hill and the valley behind it. Stopping between them
  // is never needed (Liu 1987, hill-valley segments)
  //
  // - when b ends no higher than a and b's hill is no higher than a's. Then b may always follow
  //   a at once: while it runs, no more is in memory than while a ran, and from then on no more
  //   than if it had waited;
  // - when a starts no higher than it ends and a's hill is no higher than b's. Then a may always
  //   wait for b: until then no more is in memory than if a had run, and while a runs no more than
  //   while b will.
  //
  // That others may read the tensors which a's first operator reads changes nothing: if a waits,
  // one of them may no longer be the last reader, and so neither free such a tensor nor write into
  // it. But then a has not yet made what it leaves, which is at least as large as all that it
  // reads.
  std::vector<Segment> segments_from(NodeId first) const {
    std::vector<Stretch> done;
    for (NodeId id = first; id != -1; id = next_in_run(id)) {
      done.push_back(id == first ? opening(id) : continuation(id, done.back().segment.valley));
      while (done.size() > 1 && can_join(done[done.size() - 2], done.back())) {
        join(done[done.size() - 2], done.back());
        done.pop_back();
      }
    }
    std::vector<Segment> result;
    for (Stretch& stretch : done) result.push_back(std::move(stretch.segment));
    return result;
  }

 private:
  std::int64_t size(NodeId id) const { return model_.buffers[at(id)].size; }

  std::int64_t scratch(NodeId id) const { return model_.scratch[at(id)]; }

  /// What stays of a node's output once the node has run.
  std::int64_t valley(NodeId id) const {
    const Buffer& made = model_.buffers[at(id)];
    return !made.readers.empty() || made.is_output ? made.size : 0;
  }

  Stretch opening(NodeId id) const {
    std::int64_t freed_at_least = 0;
    std::int64_t freed_at_most = 0;
    for (const NodeId buffer : model_.reads[at(id)]) {
      const Buffer& read = model_.buffers[at(buffer)];
      if (read.is_output) continue;
      freed_at_most += read.size;
      if (read.readers.size() == 1) freed_at_least += read.size;
    }
    Stretch stretch{.segment = {.nodes = {id}, .hill = 0, .valley = valley(id)},
                    .start = freed_at_most};
    stretch.least_hill = model_.may_write_in_place[at(id)] ? std::max(freed_at_least, size(id))
                                                           : freed_at_least + size(id);
    stretch.least_hill += scratch(id);
    stretch.greatest_hill = freed_at_most + size(id) + scratch(id);
    return stretch;
  }

  Stretch continuation(NodeId id, std::int64_t start) const {
    const std::int64_t hill =
        (model_.may_write_in_place[at(id)] ? size(id) : start + size(id)) + scratch(id);
    return {.segment = {.nodes = {id}, .hill = hill, .valley = valley(id)},
            .start = start,
            .least_hill = hill,
            .greatest_hill = hill};
  }

  static bool can_join(const Stretch& a, const Stretch& b) {
    const bool b_follows = b.segment.valley <= a.segment.valley && b.greatest_hill <= a.least_hill;
    const bool a_waits = a.start <= a.segment.valley && a.greatest_hill <= b.least_hill;
    return b_follows || a_waits;
  }

  static void join(Stretch& a, const Stretch& b) {
    a.segment.nodes.insert(a.segment.nodes.end(), b.segment.nodes.begin(), b.segment.nodes.end());
    a.segment.hill = std::max(a.segment.hill, b.segment.hill);
    a.segment.valley = b.segment.valley;
    a.least_hill = std::max(a.least_hill, b.least_hill);
    a.greatest_hill = std::max(a.greatest_hill, b.greatest_hill);
  }

  const MemoryModel& model_;
  const std::vector<bool>& is_in_part_;
};

}  // namespace

std::vector<Segment> segments(const MemoryModel& model, std::span<const NodeId> steps,
                              const std::vector<bool>& is_in_part) {
  const RunContraction contraction(model, is_in_part);
  std::vector<bool> is_continuation(model.buffers.size(), false);
  std::vector<Segment> result;
  for (const NodeId id : steps) {
    const NodeId next = contraction.next_in_run(id);
    if (next != -1) is_continuation[at(next)] = true;
    if (is_continuation[at(id)]) continue;
    std::ranges::move(contraction.segments_from(id), std::back_inserter(result));
  }
  return result;
}

}  // namespace thimble::footprint
