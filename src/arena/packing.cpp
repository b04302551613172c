#include "thimble/arena/packing.hpp"

#include <algorithm>
#include <functional>
#include <limits>
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
    const auto hundreds = static_cast<std::int64_t>((buffers_.size() + 99) / 100);
    const std::int64_t share = std::max(std::int64_t{1}, hundreds * hundreds);
    try_orders();
    try_neighbours(effort.orders / share);
    if (!is_best() && arena::improve_by_search(buffers_, lower_bound_, effort.placements / share)) {
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

  /// For each buffer, the most bytes that are live at a time at which it lives.
  std::vector<std::int64_t> crowds() const {
    constexpr int kEarliest = -1;  // of what nobody needs
    std::vector<std::int64_t> live;
    for (const ArenaBuffer& buffer : buffers_) {
      const auto end = static_cast<std::size_t>(buffer.last - kEarliest + 1);
      live.resize(std::max(live.size(), end));
      for (auto at = static_cast<std::size_t>(buffer.first - kEarliest); at < end; ++at) {
        live[at] += buffer.size.value;
      }
    }
    std::vector<std::int64_t> result;
    for (const ArenaBuffer& buffer : buffers_) {
      result.push_back(*std::max_element(live.begin() + (buffer.first - kEarliest),
                                         live.begin() + (buffer.last - kEarliest + 1)));
    }
    return result;
  }

  void try_orders() {
    best_order_.resize(buffers_.size());
    std::iota(best_order_.begin(), best_order_.end(), 0);
    sort(best_order_, weighed([](const ArenaBuffer& b) { return b.size.value; }));
    if (is_best()) return;
    const Order by_size = best_order_;
    const std::vector<std::int64_t> weights[] = {
        weighed([](const ArenaBuffer& b) { return b.size.value; }),
        weighed([](const ArenaBuffer& b) { return b.size.value * duration(b); }),
        weighed(duration),
        weighed([](const ArenaBuffer& b) { return -std::int64_t{b.first}; }),
        weighed([](const ArenaBuffer& b) { return std::int64_t{b.last}; }),
        crowds(),
    };
    Bytes least(std::numeric_limits<std::int64_t>::max());
    for (const std::vector<std::int64_t>& weight : weights) {
      Order order = by_size;
      sort(order, weight);
      for (const Fit fit : {Fit::kTightest, Fit::kLowest}) {
        const Bytes head = placed(order, fit);
        if (head < best_) keep_trial(head);
        if (is_best()) return;
        if (fit == Fit::kTightest || head >= least) continue;
        least = head;
        best_order_ = order;
      }
    }
  }

  template <class Weight>
  std::vector<std::int64_t> weighed(Weight weight) const {
    std::vector<std::int64_t> weights;
    for (const ArenaBuffer& buffer : buffers_) weights.push_back(weight(buffer));
    return weights;
  }

  /// From large to small; equals stay in their order.
  static void sort(Order& order, const std::vector<std::int64_t>& weights) {
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return weights[i]; });
  }

  /// A buffer of the time at which the head is reached is placed earlier than it was. What is no
  /// worse is kept, which leads across plateaus.
  void try_neighbours(std::int64_t tries) {
    if (is_best()) return;
    Rng rng(buffers_.size());
    Order order = best_order_;
    Bytes head = placed(order, Fit::kLowest);
    std::vector<ArenaBuffer> packed = trial_;
    for (std::int64_t i = 0; i < tries && !is_best(); ++i) {
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
