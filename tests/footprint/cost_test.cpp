#include "thimble/footprint/cost.hpp"

#include <gtest/gtest.h>

#include "thimble/graph/deploy.hpp"

namespace thimble {
namespace {

/// The keyword-spotting network of MLPerf Tiny: conv 10×4/2 with 64 filters, four
/// depthwise-separable blocks at 25×5, average pooling, a dense layer for 12 classes.
Graph ds_cnn_kws() {
  Graph graph;
  NodeId last = graph.input({.height = 49, .width = 10, .channels = 1});
  last = graph.add(
      Conv2D{.filters = 64, .kernel = {10, 4}, .stride = {2, 2}, .padding = Padding::kSame},
      {last});
  for (int block = 0; block < 4; ++block) {
    last = graph.add(DepthwiseConv2D{.kernel = {3, 3}, .padding = Padding::kSame}, {last});
    last = graph.add(Conv2D{.filters = 64}, {last});
  }
  last = graph.add(GlobalPool{}, {last});
  last = graph.add(Dense{.units = 12}, {last});
  graph.add(Softmax{}, {last});
  return deployed(graph);
}

// MLPerf Tiny's table has 2,656,768 MACs for it and 24,392 bytes of constants, of which 24 are no
// weights.
TEST(Cost, CountsTheMacsOfMlperfTinysKeywordNetwork) {
  const OpCost cost = total_cost(ds_cnn_kws());
  EXPECT_EQ(cost.macs, 2'656'768_MAC);
  // μNAS counts the pooling over 25×5×64 too.
  EXPECT_EQ(cost.munas_work, Macs(2'656'768 + 25 * 5 * 64));
  // Kernels 10·4·64 + 4·(9·64 + 64·64) + 64·12 = 22,016; biases 64 + 4·(64 + 64) + 12 = 588.
  EXPECT_EQ(cost.kernel, 22'016_B);
  EXPECT_EQ(cost.bias, Bytes(588 * 4));
  EXPECT_EQ(cost.weights(), 24'368_B);
  EXPECT_EQ(cost.params, 22'604);
  // One scale a channel of each convolution, one for the dense layer.
  EXPECT_EQ(cost.kernel_scales, 64 + 4 * (64 + 64) + 1);
}

TEST(Cost, IsGivenForEachNodeInItsPlace) {
  Graph graph;
  const NodeId in = graph.input({.height = 4, .width = 6, .channels = 3});
  const NodeId conv = graph.add(Conv2D{.filters = 5, .kernel = {3, 3}, .bias = false}, {in});
  const NodeId depthwise =
      graph.add(DepthwiseConv2D{.multiplier = 2, .kernel = {2, 2}, .stride = {2, 2}}, {in});
  const NodeId pool = graph.add(Pool2D{.window = {2, 3}, .stride = {2, 3}}, {in});
  const NodeId sum = graph.add(Add{}, {pool, pool, pool});
  const NodeId dense = graph.add(Dense{.units = 7}, {conv});
  const std::vector<OpCost> costs = op_costs(graph);
  ASSERT_EQ(costs.size(), 6U);
  EXPECT_EQ(costs[0].params, 0);
  const auto at = [&](NodeId id) { return costs[static_cast<std::size_t>(id)]; };
  EXPECT_EQ(at(conv).node, conv);
  EXPECT_EQ(at(conv).params, 3 * 3 * 3 * 5);
  EXPECT_EQ(at(conv).macs, Macs(2 * 4 * 3 * 3 * 3 * 5));
  EXPECT_EQ(at(depthwise).params, 2 * 2 * 6 + 6);
  EXPECT_EQ(at(depthwise).macs, Macs(2 * 3 * 6 * 2 * 2));
  EXPECT_EQ(at(pool).macs, 0_MAC);
  EXPECT_EQ(at(pool).munas_work, Macs(2 * 2 * 3 * 2 * 3));
  EXPECT_EQ(at(sum).macs, 0_MAC);
  EXPECT_EQ(at(sum).munas_work, Macs(2 * (2 * 2 * 3)));
  EXPECT_EQ(at(dense).params, 2 * 4 * 5 * 7 + 7);
  EXPECT_EQ(at(dense).macs, Macs(2 * 4 * 5 * 7));
}

// 5 units of 3 inputs are 15 weights, which take 8 bytes in int4; the work is the same.
TEST(Cost, CountsTwoInt4WeightsToAByte) {
  const auto cost = [](WeightType type) {
    Graph graph;
    graph.add(Dense{.units = 5, .weights = type}, {graph.input({1, 1, 3})});
    return total_cost(graph);
  };
  EXPECT_EQ(cost(WeightType::kInt8).kernel, 15_B);
  EXPECT_EQ(cost(WeightType::kInt4).kernel, 8_B);
  EXPECT_EQ(cost(WeightType::kInt4).macs, 15_MAC);
  EXPECT_EQ(cost(WeightType::kInt4).params, 20);
}

TEST(Cost, OfAnAdditionIsTheSameInOnePieceAndInSeveral) {
  Graph graph;
  const NodeId in = graph.input({.height = 3, .width = 3, .channels = 2});
  graph.add(Add{},
            {in, graph.add(Conv2D{.filters = 2}, {in}), graph.add(Conv2D{.filters = 2}, {in})});
  EXPECT_EQ(total_cost(graph).munas_work, total_cost(deployed(graph)).munas_work);
}

}  // namespace
}  // namespace thimble
