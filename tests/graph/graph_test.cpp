#include "thimble/graph/graph.hpp"

#include <gtest/gtest.h>

#include "thimble/core/error.hpp"
#include "thimble/graph/model.hpp"

namespace thimble {
namespace {

/// in ─▶ a ─▶ add(in, a) ─▶ dense
Graph with_a_skip() {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  const NodeId a =
      graph.add(Conv2D{.filters = 2, .kernel = {3, 3}, .padding = Padding::kSame}, {in});
  const NodeId sum = graph.add(Add{}, {in, a});
  graph.add(Dense{.units = 3}, {sum});
  return graph;
}

TEST(Graph, TakesTheLastNodeForItsOutputUntilToldOtherwise) {
  Graph graph = with_a_skip();
  EXPECT_EQ(graph.output(), 3);
  graph.mark_output(2);
  EXPECT_EQ(graph.output(), 2);
  graph.mark_output(3);
  EXPECT_EQ(graph.outputs(), (std::vector<NodeId>{2, 3}));
  EXPECT_THROW(graph.output(), ModelError);
  EXPECT_THROW(graph.mark_output(3), ModelError);
  EXPECT_THROW(graph.mark_output(4), ModelError);
}

TEST(Graph, KnowsWhoReadsATensor) {
  const auto readers = with_a_skip().consumers();
  EXPECT_EQ(readers[0], (std::vector<NodeId>{1, 2}));
  EXPECT_EQ(readers[2], (std::vector<NodeId>{3}));
  EXPECT_TRUE(readers[3].empty());
}

TEST(Graph, RefusesAnInputThatIsNoEarlierNode) {
  Graph graph = with_a_skip();
  EXPECT_THROW(graph.add(Dense{}, {4}), ModelError);
  EXPECT_THROW(graph.add(Dense{}, {-1}), ModelError);
  EXPECT_EQ(graph.size(), 4) << "a refused node must leave no trace";
}

TEST(Graph, DescribesItselfALineANode) {
  EXPECT_EQ(describe(with_a_skip()),
            "0 INPUT 4x4x2\n"
            "1 CONV_2D 4x4x2 <- 0\n"
            "2 ADD 4x4x2 <- 0, 1\n"
            "3 FULLY_CONNECTED 1x1x3 <- 2 (output)\n");
}

TEST(Reordered, KeepsTheNetworkAndItsOutputs) {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  const NodeId a = graph.add(Conv2D{.filters = 2}, {in});
  const NodeId b =
      graph.add(Conv2D{.filters = 2, .kernel = {3, 3}, .padding = Padding::kSame}, {in});
  graph.add(Add{}, {a, b});
  const std::vector<NodeId> order{0, 2, 1, 3};
  const Graph other = reordered(graph, order);
  EXPECT_EQ(other.node(1).op, graph.node(2).op);
  EXPECT_EQ(other.node(3).inputs, (std::vector<NodeId>{2, 1}));
  EXPECT_EQ(other.output(), 3);
  EXPECT_EQ(canonical_hash(other), canonical_hash(graph));
}

TEST(Reordered, RefusesWhatIsNoOrder) {
  const Graph graph = with_a_skip();
  EXPECT_THROW(reordered(graph, std::vector<NodeId>{0, 1, 2}), ModelError);
  EXPECT_THROW(reordered(graph, std::vector<NodeId>{0, 2, 1, 3}), ModelError);
  EXPECT_THROW(reordered(graph, std::vector<NodeId>{0, 1, 1, 3}), ModelError);
}

TEST(CheckWeights, NamesTheNodeAndTheSizeThatItWants) {
  const Graph graph = with_a_skip();
  Weights weights(4);
  weights[1].kernel.resize(2 * 3 * 3 * 2);
  weights[1].bias.resize(2);
  weights[3].kernel.resize(3 * 32);
  weights[3].bias.resize(3);
  EXPECT_NO_THROW(check_weights(graph, weights));
  weights[3].kernel.resize(5);
  try {
    check_weights(graph, weights);
    FAIL() << "must throw";
  } catch (const ModelError& error) {
    EXPECT_STREQ(error.what(), "node 3 FULLY_CONNECTED: kernel has 5 numbers: needs 96");
  }
}

}  // namespace
}  // namespace thimble
