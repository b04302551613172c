#include "thimble/footprint/peak_ram.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "footprint/branchy_graph.hpp"
#include "footprint/brute_force_peak.hpp"
#include "footprint/random_graph.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/graph/deploy.hpp"

namespace thimble {
namespace {

using testing::ElementsAre;

constexpr PeakRamOptions kAllOptions[] = {{.count_inputs = true, .add_in_place = false},
                                          {.count_inputs = true, .add_in_place = true},
                                          {.count_inputs = false, .add_in_place = false},
                                          {.count_inputs = false, .add_in_place = true}};

/// The answer is the oracle's, its order reproduces it, and its live set adds up to it.
void expect_exact(const Graph& graph, PeakRamOptions options, std::int64_t oracle) {
  const PeakRam found = minimal_peak_ram(graph, options);
  ASSERT_EQ(found.peak.value, oracle) << describe(graph);
  ASSERT_EQ(peak_ram_of_order(graph, found.order, options), found.peak) << describe(graph);
  std::int64_t live = 0;
  for (const NodeId id : found.live) live += graph.shape(id).elements();
  ASSERT_EQ(live, found.peak.value) << describe(graph);
}

TEST(PeakRam, EqualsBruteForceOverAllOrdersOfSmallGraphs) {
  Rng rng(1);
  for (int trial = 0; trial < 6000; ++trial) {
    const Graph graph = random_graph(rng, static_cast<int>(rng.uniform_int(2, 9)));
    for (const PeakRamOptions options : kAllOptions) {
      ASSERT_NO_FATAL_FAILURE(
          expect_exact(graph, options, BruteForcePeak(graph, options).over_all_orders()));
    }
  }
}

TEST(PeakRam, EqualsDynamicProgrammingOverAllSetsOfLargerGraphs) {
  Rng rng(2);
  for (int trial = 0; trial < 150; ++trial) {
    const Graph graph = random_graph(rng, static_cast<int>(rng.uniform_int(10, 14)));
    for (const PeakRamOptions options : kAllOptions) {
      ASSERT_NO_FATAL_FAILURE(
          expect_exact(graph, options, BruteForcePeak(graph, options).over_all_sets()));
    }
  }
}

/// Many chains from one tensor, added up, concatenated or left as outputs: where both floods have
/// much to do.
Graph fan(Rng& rng) {
  Graph graph;
  const NodeId in = graph.input({.channels = static_cast<int>(rng.uniform_int(1, 12))});
  const int end_channels = static_cast<int>(rng.uniform_int(1, 9));
  std::vector<NodeId> ends;
  for (std::int64_t branch = rng.uniform_int(3, 5); branch > 0; --branch) {
    NodeId last = in;
    for (std::int64_t layer = rng.uniform_int(0, 2); layer > 0; --layer) {
      last = graph.add(pointwise(static_cast<int>(rng.uniform_int(1, 20))), {last});
    }
    ends.push_back(graph.add(pointwise(end_channels), {last}));
    if (rng.chance(0.1)) graph.mark_output(ends.back());
  }
  rng.shuffle(std::span(ends));
  graph.mark_output(rng.chance(0.7) ? graph.add(Add{}, ends) : graph.add(Concat{}, ends));
  return deployed(graph);
}

TEST(PeakRam, EqualsDynamicProgrammingOnFansOfChains) {
  Rng rng(7);
  for (int trial = 0; trial < 60; ++trial) {
    const Graph graph = fan(rng);
    for (const PeakRamOptions options : kAllOptions) {
      ASSERT_NO_FATAL_FAILURE(
          expect_exact(graph, options, BruteForcePeak(graph, options).over_all_sets()));
    }
  }
}

TEST(PeakRam, EqualsDynamicProgrammingOnBranchesThatMerge) {
  Rng rng(3);
  for (int trial = 0; trial < 60; ++trial) {
    const Graph graph = branchy_graph(rng, {.max_blocks = 3, .image = 12});
    for (const PeakRamOptions options : kAllOptions) {
      ASSERT_NO_FATAL_FAILURE(
          expect_exact(graph, options, BruteForcePeak(graph, options).over_all_sets()));
    }
  }
}

// in(4) ─▶ a(6) ─▶ add(in, ·) needs equal shapes, so: in(4) ─▶ a(6) ─▶ b(4) ─▶ in + b.
// a holds in + a = 10; b holds in + a + b = 14, for `in` waits; the sum holds in + b + sum = 12.
TEST(PeakRam, CountsASkipConnectionWhileItWaits) {
  Graph graph;
  const NodeId in = graph.input({.channels = 4});
  const NodeId a = graph.add(pointwise(6), {in});
  const NodeId b = graph.add(pointwise(4), {a});
  graph.add(Add{}, {in, b});
  const PeakRam found = minimal_peak_ram(graph);
  EXPECT_EQ(found.peak, 14_B);
  EXPECT_EQ(found.peak_node, b);
  EXPECT_THAT(found.live, ElementsAre(in, a, b));
  EXPECT_THAT(ram_profile(graph, found.order), ElementsAre(4_B, 10_B, 14_B, 12_B));
  // Without the input: a 6, b 6 + 4, sum 4 + 4.
  const auto without_input = minimal_peak_ram(graph, {.count_inputs = false});
  EXPECT_EQ(without_input.peak, 10_B);
  EXPECT_THAT(without_input.live, ElementsAre(a, b));
}

// in(1) ─▶ a(10) ─▶ c(1) and in ─▶ b(10) ─▶ d(1), joined. Side by side a and b would hold 1 + 10 +
// 10; one branch after the other holds at most in + c + b + d = 1 + 1 + 10 + 1 … and in is gone
// once b is made: b: 1 + 1 + 10 = 12, d: 1 + 10 + 1 = 12.
TEST(PeakRam, FinishesOneBranchBeforeItBeginsTheNext) {
  Graph graph;
  const NodeId in = graph.input({});
  const NodeId a = graph.add(pointwise(10), {in});
  const NodeId b = graph.add(pointwise(10), {in});
  const NodeId c = graph.add(pointwise(1), {a});
  const NodeId d = graph.add(pointwise(1), {b});
  graph.add(Add{}, {c, d});
  EXPECT_EQ(peak_ram_as_stored(graph).peak, 21_B);
  EXPECT_EQ(minimal_peak_ram(graph).peak, 12_B);
}

// in(5) ─▶ a(5), then a + in. In place the sum needs no room of its own: 10 instead of 15 bytes.
// Not when another node still reads both: then one of them must stay.
TEST(PeakRam, AddsInPlaceOnlyIntoATensorThatNobodyElseNeeds) {
  Graph graph;
  const NodeId in = graph.input({.channels = 5});
  const NodeId a = graph.add(pointwise(5), {in});
  const NodeId sum = graph.add(Add{}, {a, in});
  EXPECT_EQ(minimal_peak_ram(graph).peak, 15_B);
  EXPECT_EQ(minimal_peak_ram(graph, {.add_in_place = true}).peak, 10_B);
  graph.add(Concat{}, {sum, a, in});
  graph.mark_output(a);
  graph.mark_output(in);
  graph.mark_output(sum);
  EXPECT_EQ(peak_ram_of_order(graph, std::vector<NodeId>{0, 1, 2, 3}, {.add_in_place = true}),
            30_B);
}

// A Flatten has no memory of its own, but what it flattens stays as long as either is read:
// in(6) = flat; a(2) from flat: 8; then concat(flat, a) = 8 more: 6 + 2 + 8.
TEST(PeakRam, KeepsAFlattenedTensorOnce) {
  Graph graph;
  const NodeId in = graph.input({.height = 2, .width = 3});
  const NodeId flat = graph.add(Flatten{}, {in});
  const NodeId a = graph.add(Dense{.units = 2}, {in});
  graph.add(Concat{}, {flat, a});
  const PeakRam found = minimal_peak_ram(graph);
  EXPECT_EQ(found.peak, 16_B);
  EXPECT_THAT(found.live, ElementsAre(in, a, 3));
}

// Eighty branches in(1) ─▶ wide(100) ─▶ narrow(1), all concatenated. Whatever the order, when the
// last branch begins 79 ends are live, `in` is too, and its wide tensor is made: 79 + 1 + 100 =
// 180. Concatenating holds 80 + 80.
TEST(PeakRam, HandlesEightyEqualBranches) {
  Graph graph;
  const NodeId in = graph.input({});
  std::vector<NodeId> ends;
  for (int i = 0; i < 80; ++i) {
    ends.push_back(graph.add(pointwise(1), {graph.add(pointwise(100), {in})}));
  }
  graph.add(Concat{}, ends);
  EXPECT_EQ(minimal_peak_ram(graph).peak, 180_B);
}

/// Two columns of operators, each reading the last of its own and sometimes the last of the other:
/// no bottleneck and no run anywhere, so that sets of executed segments take several words.
TEST(PeakRam, EqualsDynamicProgrammingWithMoreThan64Segments) {
  Rng rng(6);
  for (int trial = 0; trial < 8; ++trial) {
    Graph graph;
    NodeId columns[2] = {graph.input({.channels = 4}), -1};
    columns[1] = columns[0];
    for (int i = 0; i < 75; ++i) {
      NodeId& own = columns[i % 2];
      const NodeId other = columns[1 - i % 2];
      const int channels = static_cast<int>(rng.uniform_int(1, 9));
      own = rng.chance(0.4) ? graph.add(Concat{}, {graph.add(pointwise(channels), {own}), other})
                            : graph.add(pointwise(channels), {own});
    }
    graph.add(Concat{}, {columns[0], columns[1]});
    const PeakRamOptions options = kAllOptions[trial % 4];
    ASSERT_NO_FATAL_FAILURE(
        expect_exact(graph, options, BruteForcePeak(graph, options).over_all_sets()));
  }
}

TEST(PeakRam, GivesTheSameOrderForTheSameGraph) {
  Rng rng(4);
  for (int trial = 0; trial < 20; ++trial) {
    const Graph graph = branchy_graph(rng, {.max_blocks = 5});
    EXPECT_EQ(minimal_peak_ram(graph).order, minimal_peak_ram(graph).order);
  }
}

TEST(PeakRam, OrderFitsReordered) {
  Rng rng(5);
  const Graph graph = branchy_graph(rng, {.max_blocks = 5});
  const PeakRam found = minimal_peak_ram(graph);
  EXPECT_EQ(peak_ram_as_stored(reordered(graph, found.order)).peak, found.peak);
}

TEST(PeakRam, OfAnInputAloneIsTheInput) {
  Graph graph;
  EXPECT_EQ(minimal_peak_ram(graph).peak, 0_B);
  EXPECT_EQ(minimal_peak_ram(graph).peak_node, -1);
  graph.input({.channels = 7});
  EXPECT_EQ(minimal_peak_ram(graph).peak, 7_B);
  EXPECT_EQ(minimal_peak_ram(graph, {.count_inputs = false}).peak, 0_B);
}

TEST(PeakRam, RefusesAnOrderThatCannotRun) {
  Graph graph;
  graph.add(pointwise(1), {graph.input({})});
  for (const std::vector<NodeId>& order : {std::vector<NodeId>{0}, {1, 0}, {0, 0}, {0, 2}}) {
    EXPECT_THROW(peak_ram_of_order(graph, order), ModelError);
  }
}

}  // namespace
}  // namespace thimble
