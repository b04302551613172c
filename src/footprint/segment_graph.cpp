#include "segment_graph.hpp"

#include <algorithm>

namespace thimble::footprint {

SegmentGraph::SegmentGraph(const MemoryModel& model, std::span<const Segment> segments)
    : words_((segments.size() + 63) / 64), links_(segments.size()) {
  std::vector<std::int32_t> segment_of(model.buffers.size(), -1);
  NodeId last = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    for (const NodeId id : segments[i].nodes) segment_of[at(id)] = static_cast<std::int32_t>(i);
    last = std::max(last, std::ranges::max(segments[i].nodes));
    links_[i].needs.assign(words_, 0);
    links_[i].needed_by.assign(words_, 0);
  }
  std::vector<std::int32_t> shared_of(model.buffers.size(), -1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const NodeId first = segments[i].nodes.front();
    Links& links = links_[i];
    links.first_size = model.buffers[at(first)].size;
    links.first_scratch = model.scratch[at(first)];
    links.hill = segments[i].hill;
    links.valley = segments[i].valley;
    links.may_write_in_place = model.may_write_in_place[at(first)];
    for (const NodeId buffer : model.reads[at(first)]) {
      if (const std::int32_t maker = segment_of[at(buffer)]; maker != -1) {
        flip(links.needs.data(), maker);
        flip(links_[maker].needed_by.data(), i);
      }
      if (shared_of[at(buffer)] == -1) {
        shared_of[at(buffer)] = static_cast<std::int32_t>(shared_.size());
        shared_.push_back(share(model.buffers[at(buffer)], segment_of, last));
      }
      links.reads.push_back(shared_of[at(buffer)]);
    }
  }
  order_twins(model, segments);
}

void SegmentGraph::order_twins(const MemoryModel& model, std::span<const Segment> segments) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Buffer& made = model.buffers[at(segments[i].nodes.back())];
    for (std::size_t j = i; j-- > 0;) {
      const Buffer& other = model.buffers[at(segments[j].nodes.back())];
      if (!links_[i].costs_the_same(links_[j]) || made.readers != other.readers) continue;
      if (made.is_output != other.is_output) continue;
      flip(links_[i].needs.data(), j);
      flip(links_[j].needed_by.data(), i);
      break;
    }
  }
}

/// `last` is the last node of the part: whatever else reads the buffer has run before the part or
/// runs behind it.
SegmentGraph::SharedBuffer SegmentGraph::share(const Buffer& buffer,
                                               const std::vector<std::int32_t>& segment_of,
                                               NodeId last) const {
  SharedBuffer shared{.size = buffer.size,
                      .can_be_freed = !buffer.is_output,
                      .is_writable = buffer.is_writable,
                      .readers = std::vector<std::uint64_t>(words_, 0)};
  for (const NodeId reader : buffer.readers) {
    if (const std::int32_t segment = segment_of[at(reader)]; segment != -1) {
      flip(shared.readers.data(), segment);
    } else if (reader > last) {
      shared.can_be_freed = false;
    }
  }
  return shared;
}

bool SegmentGraph::can_move(const std::uint64_t* executed, std::size_t segment,
                            Direction direction) const {
  const bool forward = direction == Direction::kForward;
  if (holds(executed, segment) == forward) return false;
  const Links& links = links_[segment];
  for (std::size_t w = 0; w < words_; ++w) {
    const std::uint64_t in_the_way =
        forward ? links.needs[w] & ~executed[w] : links.needed_by[w] & executed[w];
    if (in_the_way != 0) return false;
  }
  return true;
}

bool SegmentGraph::is_last_reader(const std::uint64_t* executed, std::size_t segment,
                                  const SharedBuffer& buffer) const {
  for (std::size_t w = 0; w < words_; ++w) {
    std::uint64_t left = buffer.readers[w] & ~executed[w];
    if (w == segment / 64) left &= ~(std::uint64_t{1} << (segment % 64));
    if (left != 0) return false;
  }
  return true;
}

Move SegmentGraph::move(const std::uint64_t* executed, std::int64_t live, std::size_t segment,
                        Direction direction) const {
  const Links& links = links_[segment];
  std::int64_t freed = 0;
  bool in_place = false;
  for (const std::size_t read : links.reads) {
    const SharedBuffer& buffer = shared_[read];
    if (!buffer.can_be_freed || !is_last_reader(executed, segment, buffer)) continue;
    freed += buffer.size;
    in_place = in_place || (links.may_write_in_place && buffer.is_writable);
  }
  const bool forward = direction == Direction::kForward;
  const std::int64_t rest = forward ? live - freed : live - links.valley;
  const std::int64_t at_first =
      rest + freed + links.first_scratch + (in_place ? 0 : links.first_size);
  return {segment, std::max(at_first, rest + links.hill), rest + (forward ? links.valley : freed)};
}

}  // namespace thimble::footprint
