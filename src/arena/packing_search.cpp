#include "packing_search.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

namespace thimble::arena {
namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();

/// The times that matter: what is live at any other time is live at one of these too. Ascending.
std::vector<int> decisive_times(std::span<const ArenaBuffer> buffers) {
  std::vector<int> starts;
  for (const ArenaBuffer& buffer : buffers) starts.push_back(buffer.first);
  std::ranges::sort(starts);
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  std::vector<int> times;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const bool is_last = i + 1 == starts.size();
    const bool something_ends = std::ranges::any_of(buffers, [&](const ArenaBuffer& buffer) {
      return buffer.last >= starts[i] && (is_last || buffer.last < starts[i + 1]);
    });
    if (something_ends) times.push_back(starts[i]);
  }
  return times;
}

// In the packing whose offsets have the smallest sum among all that keep a limit, each buffer lies
// at 0 or directly on another of its time. So it is found by placing the buffers from the bottom to
// the top, each on the highest one of its time that lies already; a packing is an order. Orders are
// left out
//
// - in which a buffer would come to lie lower than the one placed before it, or as low and have a
//   smaller number: the same packing is found in the order of the offsets;
// - where some other buffer fits below the one placed next and all that will come: it would have
//   been put there, which makes the sum smaller;
// - of buffers that differ in nothing, but for one order;
// - that must break the limit: all that is to come at some time will lie on what lies there, and
//   not below what was placed last.
class PackingSearch {
 public:
  PackingSearch(std::span<ArenaBuffer> buffers, Bytes enough, std::int64_t placements)
      : buffers_(buffers),
        enough_(enough.value),
        placements_left_(placements),
        best_(head_size(buffers).value) {
    const std::vector<int> times = decisive_times(buffers);
    height_.assign(times.size(), 0);
    to_come_.assign(times.size(), 0);
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](std::size_t i) {
      const ArenaBuffer& b = buffers[i];
      return std::tuple(-b.size.value, b.first - b.last, b.first, i);
    });
    for (const std::size_t i : order) {
      const ArenaBuffer& b = buffers[i];
      const auto first = std::ranges::lower_bound(times, b.first) - times.begin();
      const auto last = std::ranges::upper_bound(times, b.last) - times.begin();
      Item item{.buffer = i,
                .size = b.size.value,
                .first = static_cast<std::size_t>(first),
                .last = static_cast<std::size_t>(last)};
      item.is_twin = !items_.empty() && items_.back().is_like(item);
      for (std::size_t t = item.first; t < item.last; ++t) to_come_[t] += item.size;
      items_.push_back(item);
    }
    offsets_.resize(items_.size());
    candidates_.resize(items_.size());
    saved_heights_.resize(items_.size());
  }

  bool run() {
    if (best_ > enough_) place_next(0, 0, 0);
    return !gave_up_;
  }

 private:
  struct Item {
    std::size_t buffer = 0;
    std::int64_t size = 0;
    std::size_t first = 0;  // indices of decisive times
    std::size_t last = 0;   // behind the last one
    bool is_twin = false;   // of the item before it
    bool is_placed = false;

    bool is_like(const Item& other) const {
      return size == other.size && first == other.first && last == other.last;
    }
  };

  struct Candidate {
    std::int64_t offset = 0;
    std::size_t item = 0;
  };

  bool is_over() const { return gave_up_ || best_ <= enough_; }

  std::int64_t lowest_offset(const Item& item) const {
    return *std::max_element(height_.begin() + static_cast<std::ptrdiff_t>(item.first),
                             height_.begin() + static_cast<std::ptrdiff_t>(item.last));
  }

  /// The items that may come next in a packing that is worth finding. `floor` and `last` are offset
  /// and number of the one placed before.
  void find_candidates(std::vector<Candidate>& candidates, std::int64_t floor, std::size_t last) {
    candidates.clear();
    std::int64_t lowest_end = kFar;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const Item& item = items_[i];
      if (item.is_placed) continue;
      const std::int64_t offset = lowest_offset(item);
      lowest_end = std::min(lowest_end, std::max(offset, floor) + item.size);
      if (offset < floor || (offset == floor && i < last)) continue;
      if (item.is_twin && !items_[i - 1].is_placed) continue;
      candidates.push_back({offset, i});
    }
    std::erase_if(candidates, [&](const Candidate& c) { return c.offset >= lowest_end; });
    std::ranges::stable_sort(candidates, {}, &Candidate::offset);
  }

  /// Whether what is to come may still end below the best head. `floor`: none of it lies lower.
  bool is_promising(std::int64_t floor) const {
    for (std::size_t t = 0; t < height_.size(); ++t) {
      if (to_come_[t] > 0 && std::max(height_[t], floor) + to_come_[t] >= best_) return false;
    }
    return true;
  }

  void place_next(std::size_t placed, std::int64_t floor, std::size_t last) {
    if (placed == items_.size()) return keep_packing();
    std::vector<Candidate>& candidates = candidates_[placed];
    find_candidates(candidates, floor, last);
    for (const Candidate& candidate : candidates) {
      if (placements_left_-- <= 0) gave_up_ = true;
      if (is_over()) return;
      Item& item = items_[candidate.item];
      const std::int64_t end = candidate.offset + item.size;
      if (end >= best_) continue;
      put(item, end, saved_heights_[placed]);
      offsets_[item.buffer] = candidate.offset;
      if (is_promising(candidate.offset)) place_next(placed + 1, candidate.offset, candidate.item);
      take_back(item, saved_heights_[placed]);
    }
  }

  void put(Item& item, std::int64_t end, std::vector<std::int64_t>& saved) {
    item.is_placed = true;
    saved.assign(height_.begin() + static_cast<std::ptrdiff_t>(item.first),
                 height_.begin() + static_cast<std::ptrdiff_t>(item.last));
    for (std::size_t t = item.first; t < item.last; ++t) {
      height_[t] = end;
      to_come_[t] -= item.size;
    }
  }

  void take_back(Item& item, const std::vector<std::int64_t>& saved) {
    item.is_placed = false;
    std::ranges::copy(saved, height_.begin() + static_cast<std::ptrdiff_t>(item.first));
    for (std::size_t t = item.first; t < item.last; ++t) to_come_[t] += item.size;
  }

  void keep_packing() {
    for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].offset = Bytes(offsets_[i]);
    best_ = head_size(buffers_).value;
  }

  std::span<ArenaBuffer> buffers_;
  const std::int64_t enough_;
  std::int64_t placements_left_;
  bool gave_up_ = false;
  std::int64_t best_;                  // head of the packing that the buffers hold
  std::vector<Item> items_;            // from large to small
  std::vector<std::int64_t> height_;   // by decisive time: the end of what is placed there
  std::vector<std::int64_t> to_come_;  // by decisive time: bytes that are not placed yet
  std::vector<std::int64_t> offsets_;  // by buffer, of those that are placed
  // By the number of items placed.
  std::vector<std::vector<Candidate>> candidates_;
  std::vector<std::vector<std::int64_t>> saved_heights_;
};

}  // namespace

bool improve_by_search(std::span<ArenaBuffer> buffers, Bytes enough, std::int64_t placements) {
  if (placements < std::ssize(buffers)) return head_size(buffers) <= enough;
  return PackingSearch(buffers, enough, placements).run();
}

}  // namespace thimble::arena
