#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {

/// The definition of peak RAM told a second time, from sets of executed nodes and nothing else.
/// Slow on purpose.
class BruteForcePeak {
 public:
  using Executed = std::vector<bool>;

  BruteForcePeak(const Graph& graph, PeakRamOptions options)
      : graph_(graph),
        options_(options),
        readers_(graph.nodes().size()),
        holds_output_(graph.nodes().size(), false) {
    for (NodeId id = 0; id < graph.size(); ++id) {
      for (const NodeId from : graph.node(id).inputs) {
        readers_[static_cast<std::size_t>(owner_of(from))].push_back(id);
      }
    }
    for (const NodeId id : graph.outputs()) {
      holds_output_[static_cast<std::size_t>(owner_of(id))] = true;
    }
  }

  /// Tries every topological order (giving up an order as soon as it is no better than the best
  /// one).
  std::int64_t over_all_orders() {
    best_ = std::numeric_limits<std::int64_t>::max();
    Executed done = inputs_only();
    try_orders(done, while_inputs_wait());
    return best_;
  }

  /// The same by dynamic programming over all sets of executed nodes, for graphs with too many
  /// orders.
  std::int64_t over_all_sets() {
    known_.clear();
    return std::max(while_inputs_wait(), best_from(inputs_only()));
  }

  /// Bytes in memory while node `id` runs after `done`.
  std::int64_t while_running(const Executed& done, NodeId id) const {
    std::int64_t bytes = 0;
    for (NodeId owner = 0; owner < graph_.size(); ++owner) {
      if (is_alias(owner) || !in_memory(owner, done, id)) continue;
      bytes += graph_.shape(owner).elements();
    }
    if (writes_in_place(done, id)) bytes -= graph_.shape(id).elements();
    return bytes;
  }

 private:
  bool is_alias(NodeId id) const { return std::holds_alternative<Flatten>(graph_.node(id).op); }
  bool is_input(NodeId id) const { return std::holds_alternative<Input>(graph_.node(id).op); }
  NodeId owner_of(NodeId id) const {
    while (is_alias(id)) id = graph_.node(id).inputs[0];
    return id;
  }

  const std::vector<NodeId>& readers(NodeId owner) const {
    return readers_[static_cast<std::size_t>(owner)];
  }
  bool holds_output(NodeId owner) const { return holds_output_[static_cast<std::size_t>(owner)]; }

  bool in_memory(NodeId owner, const Executed& done, NodeId running) const {
    if (is_input(owner) && !options_.count_inputs) return false;
    if (owner == running && !is_input(owner)) return true;
    if (!is_input(owner) && !done[static_cast<std::size_t>(owner)]) return false;
    if (holds_output(owner)) return true;
    return std::ranges::any_of(readers(owner), [&](NodeId reader) {
      return reader == running || !done[static_cast<std::size_t>(reader)];
    });
  }

  bool writes_in_place(const Executed& done, NodeId id) const {
    if (!options_.add_in_place || !std::holds_alternative<Add>(graph_.node(id).op)) return false;
    return std::ranges::any_of(graph_.node(id).inputs, [&](NodeId from) {
      const NodeId owner = owner_of(from);
      if (holds_output(owner) || (is_input(owner) && !options_.count_inputs)) return false;
      return std::ranges::all_of(readers(owner), [&](NodeId reader) {
        return reader == id || done[static_cast<std::size_t>(reader)];
      });
    });
  }

  bool is_ready(const Executed& done, NodeId id) const {
    return !done[static_cast<std::size_t>(id)] &&
           std::ranges::all_of(graph_.node(id).inputs,
                               [&](NodeId from) { return done[static_cast<std::size_t>(from)]; });
  }

  /// Network inputs are in memory from the start, whenever their node's turn comes: they go first.
  Executed inputs_only() const {
    Executed done(graph_.nodes().size(), false);
    for (const NodeId id : graph_.inputs()) done[static_cast<std::size_t>(id)] = true;
    return done;
  }

  std::int64_t while_inputs_wait() const {
    return while_running(Executed(graph_.nodes().size(), false), graph_.inputs().front());
  }

  void try_orders(Executed& done, std::int64_t peak) {
    if (peak >= best_) return;
    bool complete = true;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!is_ready(done, id)) continue;
      complete = false;
      const std::int64_t next = std::max(peak, while_running(done, id));
      done[static_cast<std::size_t>(id)] = true;
      try_orders(done, next);
      done[static_cast<std::size_t>(id)] = false;
    }
    if (complete) best_ = peak;
  }

  std::int64_t best_from(const Executed& done) {
    if (const auto found = known_.find(done); found != known_.end()) return found->second;
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!is_ready(done, id)) continue;
      Executed next = done;
      next[static_cast<std::size_t>(id)] = true;
      best = std::min(best, std::max(while_running(done, id), best_from(next)));
    }
    if (best == std::numeric_limits<std::int64_t>::max()) best = 0;
    return known_[done] = best;
  }

  const Graph& graph_;
  PeakRamOptions options_;
  std::vector<std::vector<NodeId>> readers_;  // by owner, once for each time they read it
  std::vector<bool> holds_output_;            // by owner
  std::int64_t best_ = 0;
  std::map<Executed, std::int64_t> known_;
};

}  // namespace thimble
