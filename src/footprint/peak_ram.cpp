#include "thimble/footprint/peak_ram.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "memory_model.hpp"
#include "order_search.hpp"
#include "segments.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using footprint::Buffer;
using footprint::MemoryModel;
using footprint::MemorySimulation;

void check_order(const Graph& graph, std::span<const NodeId> order) {
  if (order.size() != graph.nodes().size()) {
    raise<ModelError>("order: {} ids: the network has {} nodes", order.size(), graph.size());
  }
  std::vector<bool> has_run(order.size(), false);
  for (const NodeId id : order) {
    if (id < 0 || id >= graph.size() || has_run[at(id)]) {
      raise<ModelError>("order: id {}: must name each node once", id);
    }
    for (const NodeId from : graph.node(id).inputs) {
      if (!has_run[at(from)])
        raise<ModelError>("order: node {} runs before its input {}", id, from);
    }
    has_run[at(id)] = true;
  }
}

PeakRam examine(const MemoryModel& model, std::vector<NodeId> order) {
  PeakRam result;
  MemorySimulation simulation(model);
  for (const NodeId id : order) {
    const Bytes live(simulation.run(id));
    if (result.peak_node != -1 && live <= result.peak) continue;
    result.peak = live;
    result.peak_node = id;
  }
  MemorySimulation again(model);
  for (const NodeId id : order) {
    if (id == result.peak_node) {
      result.live = again.live_during(id);
      break;
    }
    again.run(id);
  }
  result.order = std::move(order);
  return result;
}

/// Steps that lie between two bottlenecks of the network: a bottleneck runs after everything that
/// is not behind it, so what lies before it and what lies behind it can be ordered apart.
struct Part {
  std::vector<NodeId> steps;     // in id order; one step when it is a bottleneck
  std::int64_t live_before = 0;  // bytes live when the part begins
  std::int64_t least_peak = 0;   // no order of the part has less
};

class BestOrder {
 public:
  BestOrder(const MemoryModel& model, std::size_t most_sets)
      : model_(model), most_sets_(most_sets), is_in_part_(model.buffers.size(), false) {}

  std::vector<NodeId> find() {
    for (NodeId id = 0; at(id) < model_.kinds.size(); ++id) {
      if (model_.kinds[at(id)] == MemoryModel::Kind::kInput) append(id);
    }
    divide();
    std::int64_t enough = 0;
    for (const Part& part : parts_) enough = std::max(enough, part.least_peak);
    for (const Part& part : parts_) {
      if (part.steps.size() == 1) {
        append(part.steps[0]);
      } else {
        enough = std::max(enough, arrange(part, enough));
      }
    }
    return std::move(order_);
  }

  /// Whether the search came to its end for every part.
  bool is_best() const { return is_best_; }

 private:
  /// Cuts the steps at the bottlenecks: the steps that come after or before every other step,
  /// whatever the order. When all steps run in id order, such a step is the only one that can run
  /// next, and the only one so far that none has read.
  void divide() {
    std::vector<std::int32_t> waits_for(model_.buffers.size(), 0);
    std::vector<bool> is_read(model_.buffers.size(), false);
    std::int32_t ready = 0;
    std::int32_t unread = 0;
    for_each_step([&](NodeId id) {
      for (const NodeId buffer : model_.reads[at(id)]) waits_for[at(id)] += model_.is_step(buffer);
      ready += waits_for[at(id)] == 0;
    });
    MemorySimulation simulation(model_);
    for (const NodeId id : order_) simulation.run(id);  // the inputs
    Part open;
    for_each_step([&](NodeId id) {
      const bool alone_ready = ready == 1;
      --ready;
      ++unread;
      for (const NodeId reader : model_.buffers[at(id)].readers) {
        if (--waits_for[at(reader)] == 0) ++ready;
      }
      for (const NodeId buffer : model_.reads[at(id)]) {
        if (!model_.is_step(buffer) || is_read[at(buffer)]) continue;
        is_read[at(buffer)] = true;
        --unread;
      }
      const std::int64_t before = simulation.live_bytes();
      const std::int64_t during = simulation.run(id);
      for (const NodeId flatten : model_.buffers[at(id)].flattens) simulation.run(flatten);
      if (alone_ready && unread == 1) {
        close(open);
        parts_.push_back({.steps = {id}, .live_before = before, .least_peak = during});
      } else {
        if (open.steps.empty()) open.live_before = before;
        open.steps.push_back(id);
      }
    });
    close(open);
  }

  void close(Part& open) {
    if (open.steps.empty()) return;
    mark(open, true);
    open.least_peak = least_peak(open);
    mark(open, false);
    parts_.push_back(std::move(open));
    open = {};
  }

  /// While a step runs, what it reads and writes is live, and so is what was live before the part
  /// and stays live behind it.
  std::int64_t least_peak(const Part& part) const {
    std::int64_t crossing = part.live_before;
    std::vector<NodeId> freed;
    const auto is_freed = [&](NodeId buffer) {
      const Buffer& held = model_.buffers[at(buffer)];
      return !held.is_output && held.readers.back() <= part.steps.back();
    };
    for (const NodeId id : part.steps) {
      for (const NodeId buffer : model_.reads[at(id)]) {
        if (is_in_part_[at(buffer)] || !is_freed(buffer)) continue;
        if (std::ranges::find(freed, buffer) != freed.end()) continue;
        freed.push_back(buffer);
        crossing -= model_.buffers[at(buffer)].size;
      }
    }
    std::int64_t least = part.live_before;
    for (const NodeId id : part.steps) {
      std::int64_t live = crossing;
      for (const NodeId buffer : model_.reads[at(id)]) {
        if (is_in_part_[at(buffer)] || is_freed(buffer)) live += model_.buffers[at(buffer)].size;
      }
      live += model_.scratch[at(id)];
      if (!model_.may_write_in_place[at(id)]) live += model_.buffers[at(id)].size;
      least = std::max(least, live);
    }
    return least;
  }

  /// Appends the part in its best order; returns the level that the order keeps.
  std::int64_t arrange(const Part& part, std::int64_t enough) {
    mark(part, true);
    const std::vector<footprint::Segment> segments =
        footprint::segments(model_, part.steps, is_in_part_);
    mark(part, false);
    const std::optional<footprint::SegmentOrder> best =
        footprint::best_segment_order(model_, segments, part.live_before, enough, most_sets_);
    if (!best) {
      is_best_ = false;
      for (const NodeId id : part.steps) append(id);
      return enough;
    }
    for (const std::size_t segment : best->order) {
      for (const NodeId id : segments[segment].nodes) append(id);
    }
    return best->peak;
  }

  void mark(const Part& part, bool is_in) {
    for (const NodeId id : part.steps) is_in_part_[at(id)] = is_in;
  }

  /// Appends a node and its Flattens: they take nothing, and the sooner they have run the better.
  void append(NodeId id) {
    order_.push_back(id);
    const std::vector<NodeId>& flattens = model_.buffers[at(id)].flattens;
    order_.insert(order_.end(), flattens.begin(), flattens.end());
  }

  template <class Action>
  void for_each_step(Action action) const {
    for (NodeId id = 0; at(id) < model_.kinds.size(); ++id) {
      if (model_.is_step(id)) action(id);
    }
  }

  const MemoryModel& model_;
  const std::size_t most_sets_;
  bool is_best_ = true;
  std::vector<bool> is_in_part_;  // by node, for the part in hand
  std::vector<Part> parts_;
  std::vector<NodeId> order_;
};

}  // namespace

PeakRam minimal_peak_ram(const Graph& graph, PeakRamOptions options) {
  const MemoryModel model(graph, options);
  return examine(model, BestOrder(model, options.most_sets).find());
}

MemoryOrder order_of_least_memory(const Graph& graph, std::span<const NodeMemory> memory,
                                  std::size_t most_sets) {
  THIMBLE_ASSERT(memory.size() == graph.nodes().size());
  const MemoryModel model(graph, memory);
  BestOrder search(model, most_sets);
  PeakRam found = examine(model, search.find());
  return {.order = std::move(found.order), .peak = found.peak, .is_best = search.is_best()};
}

Graph in_order_of_least_ram(const Graph& graph) {
  return reordered(graph, minimal_peak_ram(graph).order);
}

PeakRam peak_ram_as_stored(const Graph& graph, PeakRamOptions options) {
  std::vector<NodeId> order(graph.nodes().size());
  std::iota(order.begin(), order.end(), 0);
  return examine(MemoryModel(graph, options), std::move(order));
}

Bytes peak_ram_of_order(const Graph& graph, std::span<const NodeId> order, PeakRamOptions options) {
  Bytes peak;
  for (const Bytes live : ram_profile(graph, order, options)) peak = std::max(peak, live);
  return peak;
}

std::vector<Bytes> ram_profile(const Graph& graph, std::span<const NodeId> order,
                               PeakRamOptions options) {
  check_order(graph, order);
  const MemoryModel model(graph, options);
  MemorySimulation simulation(model);
  std::vector<Bytes> live;
  for (const NodeId id : order) live.emplace_back(simulation.run(id));
  return live;
}

}  // namespace thimble
