#include "thimble/optimise/arena_layout.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "rewrites.hpp"
#include "thimble/arena/lifetimes.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

constexpr std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

/// What the target's runtime lays into the head for each node.
std::vector<NodeMemory> node_memory(const Graph& graph, const ArenaTarget& target) {
  const ArenaNetwork network = arena_network(graph);
  std::vector<NodeMemory> memory(graph.nodes().size());
  for (const ArenaBuffer& buffer : head_buffers(network, target)) {
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

/// The stored order of `graph`. Scratch memory needs no places: at its one time the planner finds a
/// gap for a single buffer at least as low as the packing does, and what it finds for several is
/// what counts.
ArenaLayout layout_as_stored(const Graph& graph, const ArenaTarget& target,
                             const PackingEffort& effort) {
  ArenaNetwork network = arena_network(graph);
  ArenaLayout layout{.plan = plan_arena(network, target)};
  layout.head_bound = most_live(layout.plan.head);
  if (layout.plan.head_size == layout.head_bound) return layout;
  std::vector<ArenaBuffer> packed = layout.plan.head;
  const Packing packing = pack(packed, effort);
  layout.head_bound = packing.lower_bound;
  if (packing.head > Bytes(std::numeric_limits<std::int32_t>::max())) return layout;
  network.offsets = offsets_of(packed, network.tensors.size());
  ArenaPlan plan = plan_arena(network, target);
  if (plan.smallest >= layout.plan.smallest) return layout;
  layout.plan = std::move(plan);
  network.offsets.resize(graph.nodes().size());  // without the constants
  layout.offsets = std::move(network.offsets);
  return layout;
}

auto rank(const ArenaLayout& layout) {
  return std::tuple(layout.plan.smallest, layout.plan.used, !layout.offsets.empty(),
                    layout.is_reordered);
}

}  // namespace

ArenaLayout best_layout(const Graph& deployed, const ArenaTarget& target,
                        const LayoutEffort& effort) {
  ArenaLayout best = layout_as_stored(deployed, target, effort.packing);
  best.order.resize(deployed.nodes().size());
  std::iota(best.order.begin(), best.order.end(), 0);
  MemoryOrder least =
      order_of_least_memory(deployed, node_memory(deployed, target), effort.most_sets);
  if (least.order != best.order) {
    ArenaLayout other = layout_as_stored(reordered(deployed, least.order), target, effort.packing);
    other.order = std::move(least.order);
    other.is_reordered = true;
    if (rank(other) < rank(best)) best = std::move(other);
  }
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
  return tflite_size(reordered(deployed, layout.order), {.offsets = layout.offsets});
}

}  // namespace thimble
