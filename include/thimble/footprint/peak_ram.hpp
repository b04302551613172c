#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "thimble/core/units.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {

/// What is counted as RAM. One operator runs at a time, in full; an element takes one byte (int8).
/// While an operator runs, its inputs, its output and every tensor that is needed later are live; a
/// network output is live from its making to the end, a network input from the start to its last
/// reader. A tensor that one operator reads twice counts once. Flatten costs nothing: its output is
/// its input under another shape, live while either is needed.
struct PeakRamOptions {
  /// False: the network's inputs are never counted (as μNAS does), wherever they are read.
  bool count_inputs = true;
  /// True: an Add may write its sum into an input that it is the last to read, unless that tensor
  /// is an output of the network or an input that is not counted.
  bool add_in_place = false;
  /// How many sets of executed operators `minimal_peak_ram` may visit (about a microsecond each) in
  /// a part of the network where branches run side by side; where that is not enough, the part
  /// stays in its stored order, and the peak may not be the smallest.
  std::size_t most_sets = std::numeric_limits<std::size_t>::max();
};

struct PeakRam {
  Bytes peak;
  /// All nodes in an order of execution that reaches the peak and no more; fit for `reordered`.
  /// Inputs (and their Flattens) come first.
  std::vector<NodeId> order;
  /// The first node in that order that runs at the peak.
  NodeId peak_node = -1;
  /// The tensors in memory then; their sizes add up to the peak. The output of a Flatten or of an
  /// Add in place is not listed: it lies in a tensor that is.
  std::vector<NodeId> live;
};

/// The smallest peak over all topological orders, exact. The same graph gives the same order.
/// Finding it is NP-hard in general; the time grows with the number of branches that run side by
/// side, not with the length of the network. An empty graph has no peak node and needs nothing.
PeakRam minimal_peak_ram(const Graph& graph, PeakRamOptions options = {});

/// What a runtime needs for a node, where that is not the tensor's elements alone.
struct NodeMemory {
  Bytes tensor;
  Bytes scratch;  ///< beside tensors, while the node runs
};

struct MemoryOrder {
  std::vector<NodeId> order;  ///< of all nodes, as `PeakRam::order`
  Bytes peak;
  bool is_best = false;  ///< no order has a smaller peak
};

/// The order in which the most bytes that are live at once are the fewest, when node i needs
/// memory[i]. Unlike above, Flatten copies. `most_sets` as in PeakRamOptions.
MemoryOrder order_of_least_memory(const Graph& graph, std::span<const NodeMemory> memory,
                                  std::size_t most_sets = 200'000);

/// The graph with its nodes in the order of `minimal_peak_ram`: as it is measured, exported and
/// run.
Graph in_order_of_least_ram(const Graph& graph);

/// What `minimal_peak_ram` tells, for the order in which the nodes are stored.
PeakRam peak_ram_as_stored(const Graph& graph, PeakRamOptions options = {});

/// The peak when the nodes run in this order. Throws ModelError unless it lists every node once,
/// after its inputs.
Bytes peak_ram_of_order(const Graph& graph, std::span<const NodeId> order,
                        PeakRamOptions options = {});

/// The bytes live while order[i] runs, for each i. Throws as peak_ram_of_order does.
std::vector<Bytes> ram_profile(const Graph& graph, std::span<const NodeId> order,
                               PeakRamOptions options = {});

}  // namespace thimble
