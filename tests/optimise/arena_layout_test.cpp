#include "thimble/optimise/arena_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/random_models.hpp"
#include "thimble/arena/lifetimes.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

/// The least head of all orders of a small graph, each in its best packing.
class AllOrders {
 public:
  AllOrders(const Graph& graph, const ArenaTarget& target)
      : graph_(graph), target_(target), has_run_(graph.nodes().size(), false) {}

  Bytes least_head() {
    extend();
    return least_;
  }

 private:
  void extend() {
    if (order_.size() == graph_.nodes().size()) {
      auto buffers = head_buffers(arena_network(reordered(graph_, order_)), target_);
      if (most_live(buffers) < least_) least_ = std::min(least_, pack(buffers).head);
      return;
    }
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const auto has_run = [&](NodeId from) { return has_run_[at(from)]; };
      if (has_run(id) || !std::ranges::all_of(graph_.node(id).inputs, has_run)) continue;
      has_run_[at(id)] = true;
      order_.push_back(id);
      extend();
      order_.pop_back();
      has_run_[at(id)] = false;
    }
  }

  const Graph& graph_;
  const ArenaTarget& target_;
  std::vector<bool> has_run_;
  std::vector<NodeId> order_;
  Bytes least_{std::numeric_limits<std::int64_t>::max()};
};

/// Nothing that a Cortex-M's figures are missing for.
bool is_known(const Graph& graph) {
  return std::ranges::none_of(graph.nodes(), [](const Node& node) {
    return std::holds_alternative<Pad>(node.op) || std::holds_alternative<Concat>(node.op) ||
           std::holds_alternative<Activate>(node.op) || std::holds_alternative<Dense>(node.op);
  });
}

TEST(ArenaLayout, IsTheBestOfAllOrdersAndPackingsOrSaysHowFarItMayBe) {
  const ArenaTarget& target = find_arena_target("cortex-m4");
  int compared = 0;
  int best = 0;
  for (std::uint64_t seed = 0; compared < 60; ++seed) {
    Rng rng(seed);
    const Graph graph =
        testing::random_deployed_graph(rng, static_cast<int>(rng.uniform_int(3, 6)));
    if (!is_known(graph)) continue;
    ++compared;
    const ArenaLayout layout = best_layout(graph, target);
    const Bytes least = AllOrders(graph, target).least_head();
    ASSERT_TRUE(layout.bounds_all_orders);
    ASSERT_LE(layout.head_bound, least) << "seed " << seed;
    ASSERT_GE(layout.plan.head_size, least) << "seed " << seed;
    best += layout.plan.head_size == least ? 1 : 0;
  }
  EXPECT_GE(best, compared - 3);
}

TEST(ArenaLayout, IsNeverLargerThanTheStoredOrderAndIsWhatItsFileTakes) {
  const ArenaTarget& target = find_arena_target("x86-64");
  int smaller = 0;
  int planned = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    Rng rng(seed);
    const Graph graph =
        testing::random_deployed_graph(rng, static_cast<int>(rng.uniform_int(6, 20)));
    const ArenaLayout layout =
        best_layout(graph, target, {.packing = {.orders = 100, .placements = 2'000}});
    const ArenaPlan plain = plan_arena(graph, target);
    ASSERT_LE(layout.plan.smallest, plain.smallest) << "seed " << seed;
    ASSERT_LE(layout.head_bound, layout.plan.head_size) << "seed " << seed;
    smaller += layout.plan.smallest < plain.smallest ? 1 : 0;
    planned += layout.offsets.empty() ? 0 : 1;
    const QuantizedModel model =
        testing::random_quantized_model(rng, reordered(graph, layout.order));
    const auto file = write_tflite(model, {.offsets = layout.offsets});
    ASSERT_EQ(plan_arena(arena_network(file, "written"), target), layout.plan) << "seed " << seed;
  }
  EXPECT_GT(smaller, 20);
  EXPECT_GT(planned, 4);
}

TEST(ArenaLayout, LeavesAChainAsItIs) {
  Graph graph;
  NodeId last = graph.input({8, 8, 3});
  for (const int filters : {4, 8, 4}) {
    last =
        graph.add(Conv2D{.filters = filters, .kernel = {3, 3}, .padding = Padding::kSame}, {last});
  }
  const ArenaLayout layout = best_layout(graph, find_arena_target("cortex-m4"));
  EXPECT_FALSE(layout.is_reordered);
  EXPECT_TRUE(layout.offsets.empty());
  EXPECT_EQ(layout.plan, plan_arena(graph, find_arena_target("cortex-m4")));
}

// The network of docs/peak_ram.md, in lines of 16: in 64, a 288, b 144, c 16, d 16. Stored, `in`
// waits for the branch d while b is made from a: 64 + 288 + 144. With d first, d waits instead.
TEST(ArenaLayout, RunsANarrowBranchFirst) {
  Graph graph;
  const NodeId in = graph.input({8, 8, 1});
  const NodeId a = graph.add(Conv2D{.filters = 8, .kernel = {3, 3}}, {in});
  const NodeId b = graph.add(Conv2D{.filters = 4}, {a});
  const NodeId c = graph.add(Conv2D{.filters = 2, .kernel = {3, 3}, .stride = {2, 2}}, {b});
  const NodeId d = graph.add(Conv2D{.filters = 2, .kernel = {5, 5}, .stride = {2, 2}}, {in});
  const NodeId sum = graph.add(Add{}, {c, d});
  const ArenaTarget& target = find_arena_target("x86-64");
  EXPECT_EQ(plan_arena(graph, target).head_size, 496_B);
  const ArenaLayout layout = best_layout(graph, target);
  EXPECT_TRUE(layout.is_reordered);
  EXPECT_EQ(layout.order, (std::vector<NodeId>{in, d, a, b, c, sum}));
  EXPECT_EQ(layout.plan.head_size, 448_B);
  EXPECT_EQ(layout.head_bound, 448_B);
  EXPECT_TRUE(layout.bounds_all_orders);
}

}  // namespace
}  // namespace thimble
