#include "thimble/arena/packing.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "gap_list.hpp"
#include "packing_search.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using arena::Fit;
using arena::GapList;

/// The order in which buffers are placed.
using Order = std::vector<std::size_t>;
/// What an order sorts by, largest first.
using Weight = std::function<std::int64_t(const ArenaBuffer&)>;

std::int64_t duration(const ArenaBuffer& buffer) { return buffer.last - buffer.first + 1; }

class Packer {
 public:
  explicit Packer(std::span<ArenaBuffer> buffers)
      : buffers_(buffers),
        lower_bound_(most_live(buffers)),
        trial_(buffers.begin(), buffers.end()) {
    best_ = plan_greedily(buffers);
  }

  Packing run(PackingEffort effort) && {
    try_orders();
    try_neighbours(effort.orders);
    if (!is_best() && arena::improve_by_search(buffers_, lower_bound_, effort.placements)) {
      lower_bound_ = head_size(buffers_);
    }
    return {.head = head_size(buffers_), .lower_bound = lower_bound_};
  }

 private:
  bool is_best() const { return best_ == lower_bound_; }

  void keep_trial(Bytes head) {
    best_ = head;
    std::ranges::copy(trial_, buffers_.begin());
  }

  /// The head when the buffers are placed in this order; `trial_` then holds them.
  Bytes placed(const Order& order, Fit fit) {
    GapList placed(trial_);
    for (const std::size_t i : order) placed.place(i, fit);
    return head_size(trial_);
  }

  /// Most live bytes at any time at which the buffer lives.
  std::int64_t crowd(const ArenaBuffer& buffer) const {
    std::int64_t most = 0;
    for (int time = buffer.first; time <= buffer.last; ++time) {
      std::int64_t live = 0;
      for (const ArenaBuffer& other : buffers_) live += is_live(other, time) ? other.size.value : 0;
      most = std::max(most, live);
    }
    return most;
  }

  void try_orders() {
    const Weight weights[] = {
        [](const ArenaBuffer& b) { return b.size.value; },
        [](const ArenaBuffer& b) { return b.size.value * duration(b); },
        [](const ArenaBuffer& b) { return duration(b); },
        [](const ArenaBuffer& b) { return -std::int64_t{b.first}; },
        [](const ArenaBuffer& b) { return std::int64_t{b.last}; },
        [this](const ArenaBuffer& b) { return crowd(b); },
    };
    Order by_size(buffers_.size());
    std::iota(by_size.begin(), by_size.end(), 0);
    std::ranges::stable_sort(by_size, std::greater{},
                             [&](std::size_t i) { return buffers_[i].size; });
    best_order_ = by_size;
    Bytes least(-1);
    for (const Weight& weight : weights) {
      if (is_best()) return;
      std::vector<std::int64_t> keys;
      for (const ArenaBuffer& buffer : buffers_) keys.push_back(weight(buffer));
      Order order = by_size;
      std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return keys[i]; });
      for (const Fit fit : {Fit::kLowest, Fit::kTightest}) {
        const Bytes head = placed(order, fit);
        if (head < best_) keep_trial(head);
        if (fit == Fit::kLowest && (least < 0_B || head < least)) {
          least = head;
          best_order_ = order;
        }
      }
    }
  }

  /// A buffer of the time at which the head is reached is placed earlier than it was. What is no
  /// worse is kept, which leads across plateaus.
  void try_neighbours(int tries) {
    if (is_best()) return;
    Rng rng(buffers_.size());
    Order order = best_order_;
    Bytes head = placed(order, Fit::kLowest);
    std::vector<ArenaBuffer> packed = trial_;
    for (int i = 0; i < tries && !is_best(); ++i) {
      const std::size_t from = random_culprit(packed, order, head, rng);
      if (from == 0) continue;
      const auto begin = order.begin() + rng.uniform_int(0, static_cast<std::int64_t>(from) - 1);
      const auto end = order.begin() + static_cast<std::ptrdiff_t>(from) + 1;
      std::rotate(begin, end - 1, end);
      const Bytes new_head = placed(order, Fit::kLowest);
      if (new_head < best_) keep_trial(new_head);
      if (new_head <= head) {
        head = new_head;
        packed = trial_;
      } else {
        std::rotate(begin, begin + 1, end);
      }
    }
  }

  /// Where in the order it stands.
  static std::size_t random_culprit(const std::vector<ArenaBuffer>& packed, const Order& order,
                                    Bytes head, Rng& rng) {
    const auto top = std::ranges::find_if(
        packed, [&](const ArenaBuffer& buffer) { return buffer.offset + buffer.size == head; });
    std::vector<std::size_t> culprits;
    for (std::size_t at = 0; at < order.size(); ++at) {
      if (overlap_in_time(packed[order[at]], *top)) culprits.push_back(at);
    }
    return culprits[static_cast<std::size_t>(
        rng.uniform_int(0, static_cast<std::int64_t>(culprits.size()) - 1))];
  }

  std::span<ArenaBuffer> buffers_;  // as best packed so far
  Bytes lower_bound_;
  Bytes best_;
  std::vector<ArenaBuffer> trial_;
  Order best_order_;  // of those placed by the lowest fit
};

}  // namespace

Packing pack(std::span<ArenaBuffer> buffers, PackingEffort effort) {
  return Packer(buffers).run(effort);
}

Bytes most_live(std::span<const ArenaBuffer> buffers) {
  Bytes most;
  for (const ArenaBuffer& newest : buffers) {
    Bytes live;
    for (const ArenaBuffer& buffer : buffers) {
      if (is_live(buffer, newest.first)) live += buffer.size;
    }
    most = std::max(most, live);
  }
  return most;
}

}  // namespace thimble
