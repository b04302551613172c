#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "footprint/random_graph.hpp"
#include "thimble/footprint/peak_ram.hpp"

namespace thimble {
namespace {

std::vector<NodeMemory> random_memory(Rng& rng, const Graph& graph) {
  std::vector<NodeMemory> memory;
  for (const Node& node : graph.nodes()) {
    const bool is_input = node.inputs.empty();
    memory.push_back({.tensor = Bytes(rng.uniform_int(1, 9)),
                      .scratch = Bytes(is_input || rng.chance(0.5) ? 0 : rng.uniform_int(1, 12))});
  }
  return memory;
}

/// The definition told a second time: what is live while a node runs, from the set of those that
/// have run.
class Oracle {
 public:
  using Executed = std::vector<bool>;

  Oracle(const Graph& graph, const std::vector<NodeMemory>& memory)
      : graph_(graph), memory_(memory), readers_(graph.consumers()) {}

  /// Over all orders, by dynamic programming over all sets of nodes that have run.
  std::int64_t least_peak() {
    Executed inputs(graph_.nodes().size(), false);
    for (const NodeId id : graph_.inputs()) inputs[at(id)] = true;
    return std::max(while_running(inputs, -1), best_from(inputs));
  }

  std::int64_t peak_of(const std::vector<NodeId>& order) const {
    Executed done(graph_.nodes().size(), false);
    for (const NodeId id : graph_.inputs()) done[at(id)] = true;
    std::int64_t peak = while_running(done, -1);
    for (const NodeId id : order) {
      if (graph_.node(id).inputs.empty()) continue;
      peak = std::max(peak, while_running(done, id));
      done[at(id)] = true;
    }
    return peak;
  }

 private:
  /// −1: before the first one.
  std::int64_t while_running(const Executed& done, NodeId running) const {
    std::int64_t bytes = running >= 0 ? memory_[at(running)].scratch.value : 0;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const auto waits = [&](NodeId reader) { return reader == running || !done[at(reader)]; };
      const bool is_needed =
          done[at(id)] && (graph_.is_output(id) || std::ranges::any_of(readers_[at(id)], waits));
      if (is_needed || id == running) bytes += memory_[at(id)].tensor.value;
    }
    return bytes;
  }

  std::int64_t best_from(const Executed& done) {
    if (const auto found = known_.find(done); found != known_.end()) return found->second;
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const auto has_run = [&](NodeId from) { return done[at(from)]; };
      if (done[at(id)] || !std::ranges::all_of(graph_.node(id).inputs, has_run)) continue;
      Executed next = done;
      next[at(id)] = true;
      best = std::min(best, std::max(while_running(done, id), best_from(next)));
    }
    if (best == std::numeric_limits<std::int64_t>::max()) best = 0;
    return known_[done] = best;
  }

  const Graph& graph_;
  const std::vector<NodeMemory>& memory_;
  std::vector<std::vector<NodeId>> readers_;
  std::map<Executed, std::int64_t> known_;
};

TEST(MemoryOrder, IsTheBestOfAllOrders) {
  Rng rng(4);
  for (int trial = 0; trial < 4000; ++trial) {
    const Graph graph = random_graph(rng, static_cast<int>(rng.uniform_int(2, 9)));
    const std::vector<NodeMemory> memory = random_memory(rng, graph);
    const MemoryOrder found = order_of_least_memory(graph, memory);
    Oracle oracle(graph, memory);
    ASSERT_TRUE(found.is_best);
    ASSERT_EQ(found.peak.value, oracle.least_peak()) << "trial " << trial << describe(graph);
    ASSERT_EQ(found.peak.value, oracle.peak_of(found.order)) << "trial " << trial;
  }
}

TEST(MemoryOrder, IsTheBestOfAllOrdersOfLargerGraphs) {
  Rng rng(5);
  for (int trial = 0; trial < 100; ++trial) {
    const Graph graph = random_graph(rng, static_cast<int>(rng.uniform_int(10, 14)));
    const std::vector<NodeMemory> memory = random_memory(rng, graph);
    ASSERT_EQ(order_of_least_memory(graph, memory).peak.value, Oracle(graph, memory).least_peak())
        << "trial " << trial << describe(graph);
  }
}

// in(1) ─▶ a, b ─▶ a + b. Of 5 bytes each a and b; a needs 10 more while it runs: a first holds
// 1 + 5 + 10, b first 1 + 5 + 5 + 10.
TEST(MemoryOrder, RunsWhatNeedsScratchMemoryWhileLittleIsLive) {
  Graph graph;
  const NodeId in = graph.input({});
  const NodeId b = graph.add(pointwise(1), {in});
  const NodeId a = graph.add(pointwise(1), {in});
  graph.add(Add{}, {a, b});
  const std::vector<NodeMemory> memory{{1_B, 0_B}, {5_B, 0_B}, {5_B, 10_B}, {5_B, 0_B}};
  const MemoryOrder found = order_of_least_memory(graph, memory);
  EXPECT_EQ(found.order, (std::vector<NodeId>{in, a, b, 3}));
  EXPECT_EQ(found.peak, 16_B);
}

// Forty branches of different sizes, all live at the sum: too many sets for a thousand.
TEST(MemoryOrder, KeepsTheStoredOrderWhereThereAreTooMany) {
  Rng rng(6);
  Graph graph;
  const NodeId in = graph.input({});
  std::vector<NodeId> ends;
  for (int i = 0; i < 40; ++i) {
    ends.push_back(graph.add(pointwise(1), {graph.add(pointwise(1), {in})}));
  }
  graph.add(Add{}, ends);
  std::vector<NodeMemory> memory;
  for (NodeId id = 0; id < graph.size(); ++id) {
    memory.push_back({.tensor = Bytes(rng.uniform_int(1, 1000)), .scratch = 0_B});
  }
  const MemoryOrder found = order_of_least_memory(graph, memory, 1);
  std::vector<NodeId> stored(at(graph.size()));
  std::iota(stored.begin(), stored.end(), 0);
  EXPECT_FALSE(found.is_best);
  EXPECT_EQ(found.order, stored);
  EXPECT_EQ(found.peak.value, Oracle(graph, memory).peak_of(stored));
}

}  // namespace
}  // namespace thimble
