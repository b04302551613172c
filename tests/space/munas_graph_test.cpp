#include "thimble/space/munas_graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "space/counts.hpp"
#include "space/reference_generator.hpp"
#include "thimble/core/error.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/space/munas_random.hpp"

namespace thimble {
namespace {

const Task kTasks[] = {
    {.input = {49, 40, 1}, .classes = 12}, {.input = {32, 32, 3}, .classes = 10},
    {.input = {28, 28, 1}, .classes = 10}, {.input = {1, 1, 1}, .classes = 2},
    {.input = {1, 128, 6}, .classes = 6},  {.input = {98, 40, 1}, .classes = 12}};

// Input 12x10x2. Serial block: a 3x3 convolution gives 10x8x4. First branch, from the input:
// max-pool to 6x5x2, a pointwise layer whose 99 filters become 4, 6x5x4. Second branch: a 5x5
// depthwise layer of stride 2, ceil(8/2) x ceil(6/2) = 4x3x2, and a pointwise convolution to 4
// channels. Merge: the smallest sides are 4 and 3.
//   10x8: 10/4 = 2.5 -> 2 (half to even), 8/3 -> 3: pooled to 5x2
//   6x5:   6/4 = 1.5 -> 2 (half to even), 5/3 -> 2: pooled to 3x2
//   4x3:  stays
// The largest sides are now 5 and 3; all are padded to that. The final pool of 2 gives 2x1x4.
TEST(MunasGraph, IsTheHandWorkedOneForTwoBranches) {
  const MunasLayer serial{.kernel = 3, .filters = 4, .batch_norm = true, .relu = true};
  const MunasLayer pointwise{
      .type = LayerType::kPointwise, .filters = 99, .pre_pool = true, .relu = true};
  const MunasLayer depthwise{.type = LayerType::kDepthwise, .kernel = 5, .stride = 2};
  const MunasGenotype genotype{{{false, {serial}}, {true, {pointwise}}, {true, {depthwise}}},
                               FinalPool{PoolKind::kAverage, 2},
                               {20}};
  Graph expected;
  const NodeId input = expected.input({12, 10, 2});
  NodeId a = expected.add(Conv2D{.filters = 4, .kernel = {3, 3}, .bias = false}, {input});
  a = expected.add(BatchNorm{}, {a});
  a = expected.add(Activate{Activation::kRelu}, {a});
  NodeId b = expected.add(Pool2D{.window = {2, 2}, .stride = {2, 2}}, {input});
  b = expected.add(Conv2D{.filters = 4, .activation = Activation::kRelu}, {b});
  NodeId c = expected.add(DepthwiseConv2D{.kernel = {5, 5}, .stride = {2, 2}}, {input});
  c = expected.add(Conv2D{.filters = 4}, {c});
  a = expected.add(Pool2D{.window = {2, 3}, .stride = {2, 3}}, {a});
  b = expected.add(Pool2D{.window = {2, 2}, .stride = {2, 2}}, {b});
  a = expected.add(Pad{.right = 1}, {a});
  b = expected.add(Pad{.bottom = 2, .right = 1}, {b});
  c = expected.add(Pad{.bottom = 1}, {c});
  NodeId last = expected.add(Add{}, {a, b, c});
  EXPECT_EQ(expected.shape(last), (Shape{5, 3, 4}));
  last =
      expected.add(Pool2D{.kind = PoolKind::kAverage, .window = {2, 2}, .stride = {2, 2}}, {last});
  EXPECT_EQ(expected.shape(last), (Shape{2, 1, 4}));
  last = expected.add(Dropout{0.25F}, {last});
  last = expected.add(Dense{.units = 20, .activation = Activation::kRelu}, {last});
  last = expected.add(Dense{.units = 3}, {last});
  expected.mark_output(last);

  const Graph graph = munas_graph(genotype, {.input = {12, 10, 2}, .classes = 3, .dropout = 0.25F});
  EXPECT_EQ(graph, expected) << describe(graph) << "expected\n" << describe(expected);
}

// in -> A (serial), B (branch) -> sum -> C (serial), D (branch, reads the sum that C reads) -> sum
// -> dense -> logits
TEST(MunasGraph, GivesABranchWhatTheLastSerialBlockRead) {
  const MunasLayer layer{.type = LayerType::kPointwise, .filters = 3};
  const MunasGenotype genotype{
      {{false, {layer}}, {true, {layer}}, {false, {layer}}, {true, {layer}}}, {}, {10}};
  const Graph graph = munas_graph(genotype, {.input = {4, 4, 1}, .classes = 2});
  EXPECT_EQ(describe(graph),
            "0 INPUT 4x4x1\n"
            "1 CONV_2D 4x4x3 <- 0\n"
            "2 CONV_2D 4x4x3 <- 0\n"
            "3 ADD 4x4x3 <- 1, 2\n"
            "4 CONV_2D 4x4x3 <- 3\n"
            "5 CONV_2D 4x4x3 <- 3\n"
            "6 ADD 4x4x3 <- 4, 5\n"
            "7 FULLY_CONNECTED 1x1x10 <- 6\n"
            "8 FULLY_CONNECTED 1x1x1 <- 7 (output)\n");
}

TEST(MunasGraph, ClipsKernelsAndWindowsAndLeavesOutPoolsOfOne) {
  const MunasLayer big{.kernel = 7, .filters = 2, .stride = 2, .pre_pool = true};
  const MunasGenotype genotype{{{false, {big, big}}}, FinalPool{PoolKind::kMax, 6}, {10}};
  const Graph graph = munas_graph(genotype, {.input = {2, 5, 1}, .classes = 3});
  // 2x5: the pre-pool leaves 1x2; a square kernel has side 1, stride 2 leaves 1x1, and no pool is
  // left.
  EXPECT_EQ(std::get<Pool2D>(graph.node(1).op).window, (Extent{2, 2}));
  EXPECT_EQ(graph.shape(1), (Shape{1, 2, 1}));
  EXPECT_EQ(std::get<Conv2D>(graph.node(2).op).kernel, (Extent{1, 1}));
  EXPECT_EQ(graph.shape(2), (Shape{1, 1, 2}));
  EXPECT_TRUE(std::holds_alternative<Conv2D>(graph.node(3).op));
  EXPECT_TRUE(std::holds_alternative<Dense>(graph.node(4).op));
}

TEST(MunasGraph, HasLongKernelsOnASeries) {
  const MunasLayer conv{.kernel = 5, .filters = 6, .stride = 2, .relu = true};
  const MunasLayer depthwise{.type = LayerType::kDepthwise, .kernel = 7, .pre_pool = true};
  const MunasGenotype genotype{{{false, {conv, depthwise}}}, std::nullopt, {10}};
  for (const bool upright : {false, true}) {
    const auto along = [&](int length) { return upright ? Extent{length, 1} : Extent{1, length}; };
    Graph expected;
    NodeId last = expected.input(upright ? Shape{64, 1, 3} : Shape{1, 64, 3});
    last = expected.add(
        Conv2D{.filters = 6, .kernel = along(5), .stride = {2, 2}, .activation = Activation::kRelu},
        {last});
    last = expected.add(Pool2D{.window = along(2), .stride = along(2)}, {last});
    last = expected.add(DepthwiseConv2D{.kernel = along(7)}, {last});
    last = expected.add(Dense{.units = 10, .activation = Activation::kRelu}, {last});
    expected.mark_output(expected.add(Dense{.units = 4}, {last}));
    const Task task{.input = expected.shape(0), .classes = 4};
    EXPECT_EQ(canonical_hash(munas_graph(genotype, task)), canonical_hash(expected));
  }
}

TEST(MunasGraph, ExistsForEveryRandomGenotype) {
  for (const Task& task : kTasks) {
    Rng rng(21);
    for (int i = 0; i < 5000; ++i) {
      const Graph graph = munas_graph(random_munas(rng), task);
      ASSERT_EQ(graph.shape(graph.output()), (Shape{1, 1, task.logits()}));
      const auto consumers = graph.consumers();
      const auto unread = std::ranges::count_if(consumers, [](const auto& c) { return c.empty(); });
      ASSERT_EQ(unread, 1) << "only the output is read by none\n" << describe(graph);
    }
  }
}

TEST(MunasGraph, IsTheSameForEqualGenotypesAndAnotherForOthers) {
  Rng rng(22);
  const Task task{.input = {28, 28, 1}, .classes = 10};
  MunasGenotype genotype = random_munas(rng);
  const auto hash = canonical_hash(munas_graph(genotype, task));
  EXPECT_EQ(canonical_hash(munas_graph(MunasGenotype(genotype), task)), hash);
  genotype.dense[0] = genotype.dense[0] == 10 ? 11 : 10;
  EXPECT_NE(canonical_hash(munas_graph(genotype, task)), hash);
}

TEST(MunasGraph, RefusesATaskThatIsNone) {
  Rng rng(23);
  const MunasGenotype genotype = random_munas(rng);
  const auto message = [&](const Task& task) -> std::string {
    try {
      munas_graph(genotype, task);
    } catch (const ModelError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(message({.input = {0, 4, 1}}), "task: input = 0x4x1: every side must be at least 1");
  EXPECT_EQ(message({.input = {4, 4, 1}, .classes = 1}), "task: classes = 1: must be at least 2");
  EXPECT_EQ(message({.input = {4, 4, 1}, .dropout = 1}),
            "task: dropout = 1: must be at least 0 and below 1");
}

/// The 10th, 50th and 90th percentiles.
std::vector<double> deciles(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 10], values[values.size() / 2], values[values.size() * 9 / 10]};
}

struct PublishedTask {
  Task task;
  std::vector<double> size, macs;  // deciles, in bytes (1 a weight or bias) and in MACs
};

// Measured on 3,000 candidates of the reference's own program. It rounds pooled sides up where the
// network that it trains (and ours) rounds them down, so its sizes are about a tenth larger in the
// median; and 3,000 draws leave a few per cent of noise in a quantile of so wide a distribution.
TEST(MunasGraph, HasTheSizesAndCostsThatTheReferenceMeasured) {
  const PublishedTask published[] = {
      {{.input = {28, 28, 1}, .classes = 10}, {14'484, 86'570, 411'403}, {52e3, 0.97e6, 16.7e6}},
      {{.input = {32, 32, 3}, .classes = 10}, {18'110, 98'801, 456'125}, {113e3, 2.0e6, 25.0e6}},
      {{.input = {98, 40, 1}, .classes = 12}, {24'801, 150'854, 1'267'899}, {271e3, 7.2e6, 115e6}}};
  for (const auto& [task, size, macs] : published) {
    Rng rng(24);
    std::vector<double> sizes, costs;
    for (int i = 0; i < 3000; ++i) {
      const Graph graph = deployed(munas_graph(reference_munas(rng), task));
      std::int64_t parameters = 0;
      for (NodeId id = 0; id < graph.size(); ++id) {
        const ParameterCount own = parameter_count(graph, id);
        parameters += own.kernel + own.bias;
      }
      sizes.push_back(static_cast<double>(parameters));
      costs.push_back(static_cast<double>(count_munas_macs(graph)));
    }
    for (std::size_t q = 0; q < 3; ++q) {
      EXPECT_NEAR(deciles(sizes)[q] / size[q], 1, 0.15) << to_string(task.input) << " decile " << q;
      EXPECT_NEAR(deciles(costs)[q] / macs[q], 1, 0.15) << to_string(task.input) << " decile " << q;
    }
  }
}

// 41 % on 32x32x3: additions whose terms still differ after pooling, which are those that we pad.
TEST(MunasGraph, AddsUnequalImagesAsOftenAsTheReference) {
  Rng rng(25);
  int unequal = 0;
  for (int i = 0; i < 3000; ++i) {
    const Graph graph = munas_graph(reference_munas(rng), {.input = {32, 32, 3}, .classes = 10});
    const auto pads = [](const Node& node) { return std::holds_alternative<Pad>(node.op); };
    unequal += std::ranges::any_of(graph.nodes(), pads) ? 1 : 0;
  }
  EXPECT_NEAR(unequal / 3000.0, 0.41, 0.04);
}

}  // namespace
}  // namespace thimble
