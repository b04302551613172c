#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "thimble/arena/arena_plan.hpp"
#include "thimble/arena/packing.hpp"
#include "thimble/graph/graph.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble {

struct LayoutEffort {
  /// As `order_of_least_memory` has it.
  std::size_t most_sets = 200'000;
  PackingEffort packing;
};

/// What a search spends on a candidate: some fifteen microseconds, and at most a hundred and sixty
/// for a thousand random networks. More effort finds a smaller arena in 15 to 43 of these.
inline constexpr LayoutEffort kQuickLayout{.most_sets = 60,
                                           .packing = {.orders = 0, .placements = 0}};

/// What a file can tell TensorFlow Lite Micro about its memory: in which order the operators run,
/// and where each tensor lies.
struct ArenaLayout {
  /// Node `order[i]` of the graph runs as node i; fit for `reordered`.
  std::vector<NodeId> order;
  bool is_reordered = false;  ///< it is not the order in which the graph is stored
  /// The places of the reordered graph's tensors, for `TfliteOptions::offsets`; empty where the
  /// runtime's own planner finds as small an arena.
  std::vector<std::int32_t> offsets;
  ArenaPlan plan;  ///< what the runtime then allocates
  /// The head is at least so large: in any order, where `bounds_all_orders`, else in this one.
  Bytes head_bound;
  bool bounds_all_orders = false;
};

/// The smallest arena that we find. Orders: the stored one and the one that needs least at once,
/// tensors in whole lines of 16 bytes and kernels' scratch memory included; places: the planner's
/// own and those of `pack`. Never larger than `plan_arena` of the graph; where two are equal, the
/// file says less. The same graph gives the same layout. Throws ModelError as `plan_arena` does.
ArenaLayout best_layout(const Graph& deployed, const ArenaTarget& target,
                        const LayoutEffort& effort = {});

/// What the runtime sees of the file that `write_laid_out` makes.
ArenaNetwork laid_out_network(const Graph& deployed, const ArenaLayout& layout);

/// The file of a model of the graph that was laid out. Throws ModelError as `write_tflite` does.
std::vector<std::uint8_t> write_laid_out(const QuantizedModel& model, const ArenaLayout& layout);

/// Its size, of any model of this graph, as `tflite_size` tells it.
Bytes laid_out_size(const Graph& deployed, const ArenaLayout& layout);

}  // namespace thimble
