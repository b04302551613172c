#include "thimble/optimise/arena_layout.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "rewrites.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

/// What of a head each node is the reason for.
std::vector<NodeMemory> node_memory(const Graph& graph, const ArenaNetwork& network,
                                    const std::vector<ArenaBuffer>& head) {
  std::vector<NodeMemory> memory(graph.nodes().size());
  for (const ArenaBuffer& buffer : head) {
    if (buffer.tensor >= 0) {
      memory[at(buffer.tensor)].tensor = buffer.size;
    } else {
      const ArenaOperator& op = network.operators[static_cast<std::size_t>(buffer.scratch_of)];
      memory[at(op.output)].scratch += buffer.size;
    }
  }
  return memory;
}

/// The places of a head's tensors.
std::vector<std::int32_t> offsets_of(const std::vector<ArenaBuffer>& head, std::size_t tensors) {
  std::vector<std::int32_t> offsets(tensors, kPlannerDecides);
  for (const ArenaBuffer& buffer : head) {
    if (buffer.tensor < 0) continue;
    offsets[at(buffer.tensor)] = static_cast<std::int32_t>(buffer.offset.value);
  }
  return offsets;
}

/// A network with its operators in one order, and its layout so far.
struct Candidate {
  NodeId nodes = 0;
  ArenaNetwork network;
  ArenaLayout layout;
};

/// The graph as it is stored, with the places that the runtime's planner gives.
Candidate as_planned(const Graph& graph, const ArenaTarget& target) {
  Candidate result{.nodes = graph.size(), .network = arena_network(graph)};
  result.layout.plan = plan_arena(result.network, target);
  result.layout.head_bound = most_live(result.layout.plan.head);
  return result;
}

/// Takes places of our own where they are better. Scratch memory needs none: at its one time the
/// planner finds a gap for a single buffer at least as low as the packing does, and what it finds
/// for several is what counts.
void try_places(Candidate& candidate, const ArenaTarget& target, const PackingEffort& effort) {
  auto& [nodes, network, layout] = candidate;
  if (layout.plan.head_size == layout.head_bound) return;
  std::vector<ArenaBuffer> packed = layout.plan.head;
  const Packing packing = pack(packed, effort);
  layout.head_bound = packing.lower_bound;
  if (packing.head > Bytes(std::numeric_limits<std::int32_t>::max())) return;
  network.offsets = offsets_of(packed, network.tensors.size());
  ArenaPlan plan = plan_arena(network, target);
  if (plan.smallest >= layout.plan.smallest) return;
  layout.plan = std::move(plan);
  network.offsets.resize(at(nodes));  // without the constants
  layout.offsets = std::move(network.offsets);
}

auto rank(const ArenaLayout& layout) {
  return std::tuple(layout.plan.smallest, layout.plan.used, !layout.offsets.empty(),
                    layout.is_reordered);
}

}  // namespace

ArenaLayout best_layout(const Graph& deployed, const ArenaTarget& target,
                        const LayoutEffort& effort) {
  Candidate stored = as_planned(deployed, target);
  stored.layout.order.resize(deployed.nodes().size());
  std::iota(stored.layout.order.begin(), stored.layout.order.end(), 0);
  MemoryOrder least = order_of_least_memory(
      deployed, node_memory(deployed, stored.network, stored.layout.plan.head), effort.most_sets);
  ArenaLayout other = stored.layout;
  // No plan of an order takes less than the order needs at once, so one that needs more than
  // another's plan takes is not looked at further.
  if (least.peak < stored.layout.plan.head_size) {
    Candidate moved = as_planned(reordered(deployed, least.order), target);
    try_places(moved, target, effort.packing);
    other = std::move(moved.layout);
    other.order = std::move(least.order);
    other.is_reordered = true;
  }
  if (stored.layout.head_bound <= other.plan.head_size) try_places(stored, target, effort.packing);
  ArenaLayout best =
      rank(other) < rank(stored.layout) ? std::move(other) : std::move(stored.layout);
  // Whichever order was taken, none needs less at once than the least.
  best.bounds_all_orders = least.is_best;
  if (least.is_best) best.head_bound = least.peak;
  return best;
}

ArenaNetwork laid_out_network(const Graph& deployed, const ArenaLayout& layout) {
  ArenaNetwork network = arena_network(reordered(deployed, layout.order));
  if (layout.offsets.empty()) return network;
  network.offsets = layout.offsets;
  network.offsets.resize(network.tensors.size(), kPlannerDecides);
  return network;
}

std::vector<std::uint8_t> write_laid_out(const QuantizedModel& model, const ArenaLayout& layout) {
  return write_tflite(optimise::in_order(model, layout.order), {.offsets = layout.offsets});
}

Bytes laid_out_size(const Graph& deployed, const ArenaLayout& layout) {
  if (!layout.is_reordered) return tflite_size(deployed, {.offsets = layout.offsets});
  return tflite_size(reordered(deployed, layout.order), {.offsets = layout.offsets});
}

}  // namespace thimble
