#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble::footprint {

/// A place in memory: a node's tensor together with what Flatten makes of it. Named by the node
/// that fills it.
struct Buffer {
  std::int64_t size = 0;         // bytes; 0 for an input that is not counted
  bool is_output = false;        // holds an output of the network: never freed
  bool is_writable = false;      // an Add that reads it last may put its sum there
  std::vector<NodeId> readers;   // steps, each once, in order
  std::vector<NodeId> flattens;  // the nodes that give it another shape, in order
};

/// A graph as the bytes that its operators need: what peak RAM depends on, and nothing more.
struct MemoryModel {
  MemoryModel(const Graph& graph, PeakRamOptions options);
  /// Flatten is a step like any other.
  MemoryModel(const Graph& graph, std::span<const NodeMemory> memory);

  bool is_step(NodeId id) const { return kinds[at(id)] == Kind::kStep; }

  enum class Kind : std::uint8_t { kInput, kFlatten, kStep };
  std::vector<Kind> kinds;                 // by node
  std::vector<bool> may_write_in_place;    // by node: an Add, and the options allow it
  std::vector<std::int64_t> scratch;       // by node: bytes beside buffers while it runs
  std::vector<Buffer> buffers;             // by node; unused for Flatten
  std::vector<std::vector<NodeId>> reads;  // by node: the distinct buffers that it reads

 private:
  void add_read(NodeId id, NodeId buffer);
};

/// Executes nodes one by one and counts.
class MemorySimulation {
 public:
  explicit MemorySimulation(const MemoryModel& model);

  /// Runs the node and returns the bytes live meanwhile. Its inputs must have run.
  std::int64_t run(NodeId id);

  /// Bytes live between two operators.
  std::int64_t live_bytes() const { return live_bytes_; }
  /// Whether the node would write into one of its inputs, if it ran next.
  bool writes_in_place(NodeId id) const;
  /// The buffers that hold memory while the node runs, if it ran next.
  std::vector<NodeId> live_during(NodeId id) const;

 private:
  bool is_live(NodeId buffer) const;

  const MemoryModel& model_;
  std::vector<bool> is_made_;               // by buffer
  std::vector<std::int32_t> readers_left_;  // by buffer
  std::int64_t live_bytes_ = 0;
};

}  // namespace thimble::footprint
