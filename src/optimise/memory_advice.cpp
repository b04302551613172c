#include "thimble/optimise/memory_advice.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "network_changes.hpp"
#include "thimble/core/error.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/optimise/arena_layout.hpp"

namespace thimble {
namespace {

/// Where a network of a stranger has too many orders, its own will do.
constexpr std::size_t kMostSets = 20'000;
constexpr PackingEffort kPacking{.orders = 300, .placements = 50'000};

class Advisor {
 public:
  explicit Advisor(Bytes now) : now_(now) {}

  void consider(std::string change, Bytes needed, bool same_answers) {
    if (needed >= now_) return;
    advice_.push_back({std::move(change), needed, now_ - needed, same_answers});
  }

  /// Those that the target's runtime is not known to run are left out.
  void consider_networks(const Graph& graph, std::span<const NodeId> at_peak,
                         const std::function<Bytes(const Graph&)>& measure) {
    for (auto& [text, changed] : optimise::smaller_networks(graph, at_peak)) {
      try {
        consider(std::move(text), measure(changed), false);
      } catch (const ModelError&) {
      }
    }
  }

  /// Of equal savings those first that cost no training.
  std::vector<MemoryAdvice> best(std::size_t most) && {
    std::ranges::stable_sort(advice_, std::greater{}, [](const MemoryAdvice& advice) {
      return std::pair(advice.saved, advice.same_answers);
    });
    if (advice_.size() > most) advice_.resize(most);
    return std::move(advice_);
  }

 private:
  const Bytes now_;
  std::vector<MemoryAdvice> advice_;
};

PeakRam peak_ram(const Graph& graph, OperatorOrder order, bool add_in_place = false) {
  const PeakRamOptions options{.add_in_place = add_in_place, .most_sets = kMostSets};
  return order == OperatorOrder::kBest ? minimal_peak_ram(graph, options)
                                       : peak_ram_as_stored(graph, options);
}

ArenaLayout layout_in(const Graph& graph, const ArenaTarget& target, OperatorOrder order) {
  if (order == OperatorOrder::kBest) return best_layout(graph, target, kQuickLayout);
  ArenaLayout layout{.plan = plan_arena(graph, target)};
  layout.order.resize(graph.nodes().size());
  std::iota(layout.order.begin(), layout.order.end(), 0);
  return layout;
}

}  // namespace

std::vector<MemoryAdvice> tensor_advice(const Graph& deployed, OperatorOrder order,
                                        std::size_t most) {
  const PeakRam now = peak_ram(deployed, order);
  Advisor advisor(now.peak);
  advisor.consider("the operators in another order", peak_ram(deployed, OperatorOrder::kBest).peak,
                   true);
  advisor.consider("sums written over one of their terms", peak_ram(deployed, order, true).peak,
                   true);
  advisor.consider_networks(deployed, now.live,
                            [&](const Graph& graph) { return peak_ram(graph, order).peak; });
  return std::move(advisor).best(most);
}

std::vector<MemoryAdvice> arena_advice(const Graph& deployed, const ArenaTarget& target,
                                       OperatorOrder order, std::size_t most) {
  const ArenaLayout now = layout_in(deployed, target, order);
  Advisor advisor(now.plan.smallest);
  if (order == OperatorOrder::kStored) {
    const LayoutEffort effort{.most_sets = kMostSets, .packing = kPacking};
    const ArenaLayout layout = best_layout(deployed, target, effort);
    advisor.consider(layout.offsets.empty() ? "the operators in another order"
                     : layout.is_reordered
                         ? "the operators in another order, and places for tensors in the file"
                         : "places for tensors in the file",
                     layout.plan.smallest, true);
  }
  std::vector<NodeId> at_peak;
  const int time = peak_time(now.plan.head);
  for (const ArenaBuffer& buffer : now.plan.head) {
    if (buffer.tensor < 0 || !is_live(buffer, time)) continue;
    at_peak.push_back(now.order[static_cast<std::size_t>(buffer.tensor)]);
  }
  advisor.consider_networks(deployed, at_peak, [&](const Graph& changed) {
    return layout_in(changed, target, order).plan.smallest;
  });
  return std::move(advisor).best(most);
}

}  // namespace thimble
