#include "thimble/graph/deploy.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

TEST(Deployed, FoldsNormAndActivationIntoTheConvolution) {
  Graph graph;
  NodeId x = graph.input({8, 8, 3});
  x = graph.add(Conv2D{.filters = 5, .kernel = {3, 3}, .bias = false}, {x});
  x = graph.add(BatchNorm{}, {x});
  x = graph.add(Activate{Activation::kRelu}, {x});
  x = graph.add(GlobalPool{}, {x});
  x = graph.add(Dropout{.rate = 0.1F}, {x});
  x = graph.add(Flatten{}, {x});
  graph.add(Dense{.units = 4}, {x});
  EXPECT_EQ(describe(deployed(graph)),
            "0 INPUT 8x8x3\n"
            "1 CONV_2D 6x6x5 <- 0\n"
            "2 AVERAGE_POOL_2D 1x1x5 <- 1\n"
            "3 FULLY_CONNECTED 1x1x4 <- 2 (output)\n");
  const Graph result = deployed(graph);
  const auto& conv = std::get<Conv2D>(result.node(1).op);
  EXPECT_EQ(conv.activation, Activation::kRelu);
  EXPECT_TRUE(conv.bias);
}

TEST(Deployed, DoesNotFuseWhatAnotherNodeReads) {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  const NodeId conv = graph.add(Conv2D{.filters = 2}, {in});
  const NodeId relu = graph.add(Activate{Activation::kRelu}, {conv});
  graph.add(Add{}, {conv, relu});
  EXPECT_EQ(describe(deployed(graph)),
            "0 INPUT 4x4x2\n"
            "1 CONV_2D 4x4x2 <- 0\n"
            "2 RELU 4x4x2 <- 1\n"
            "3 ADD 4x4x2 <- 1, 2 (output)\n");
}

TEST(Deployed, DoesNotFuseIntoAnOutput) {
  Graph graph;
  const NodeId conv = graph.add(Conv2D{.filters = 2}, {graph.input({4, 4, 2})});
  const NodeId relu = graph.add(Activate{Activation::kRelu}, {conv});
  graph.mark_output(conv);
  graph.mark_output(relu);
  const Graph result = deployed(graph);
  EXPECT_EQ(result.size(), 3);
  EXPECT_EQ(result.outputs(), (std::vector<NodeId>{1, 2}));
}

TEST(Deployed, MakesBinaryAdditionsWithTheActivationOnTheLast) {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  std::vector<NodeId> terms;
  for (int i = 0; i < 4; ++i)
    terms.push_back(graph.add(Conv2D{.filters = 2, .kernel = {1, 1}}, {in}));
  const NodeId sum = graph.add(Add{}, terms);
  graph.add(Activate{Activation::kRelu6}, {sum});
  const Graph result = deployed(graph);
  ASSERT_EQ(result.size(), 8);  // input, 4 convolutions, 3 additions
  EXPECT_EQ(result.node(5).op, Op(Add{}));
  EXPECT_EQ(result.node(7).op, Op(Add{Activation::kRelu6}));
  EXPECT_EQ(result.node(7).inputs, (std::vector<NodeId>{6, 4}));
}

TEST(Deployed, KeepsAnActivationBeforeANorm) {
  Graph graph;
  NodeId x = graph.input({4, 4, 2});
  x = graph.add(Conv2D{.filters = 2}, {x});
  x = graph.add(Activate{Activation::kRelu}, {x});
  graph.add(BatchNorm{}, {x});
  EXPECT_EQ(describe(deployed(graph)),
            "0 INPUT 4x4x2\n"
            "1 CONV_2D 4x4x2 <- 0\n"
            "2 DEPTHWISE_CONV_2D 4x4x2 <- 1 (output)\n");
}

TEST(Deployed, ChangesNothingTheSecondTime) {
  Graph graph;
  NodeId x = graph.input({9, 9, 2});
  x = graph.add(Conv2D{.filters = 3, .bias = false}, {x});
  const NodeId y = graph.add(BatchNorm{}, {x});
  x = graph.add(Add{}, {x, y, y});
  x = graph.add(Flatten{}, {x});
  x = graph.add(Softmax{}, {x});
  const Graph once = deployed(graph);
  EXPECT_EQ(deployed(once), once);
  EXPECT_EQ(once.node(once.output()).op, Op(Softmax{}));
}

TEST(Deployed, LeavesOutWhatNoOutputNeeds) {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  const NodeId conv = graph.add(Conv2D{.filters = 2}, {in});
  graph.add(Dense{.units = 9}, {in});
  graph.mark_output(conv);
  EXPECT_EQ(deployed(graph).size(), 2);
}

// y = gamma · (w·x + b − mean) / sqrt(variance + epsilon) + beta; the numbers make the root 2 and
// the scale 1.5: kernel 4 · 1.5 = 6, bias (1 − 3) · 1.5 + 0.5 = −2.5.
TEST(Deployed, FoldsTheNumbersOfBatchNorm) {
  Model model;
  NodeId x = model.graph.input({1, 1, 1});
  x = model.graph.add(Conv2D{}, {x});
  model.graph.add(BatchNorm{.epsilon = 1}, {x});
  model.weights.resize(3);
  model.weights[1] = {
      .kernel = {4}, .bias = {1}, .gamma = {}, .beta = {}, .mean = {}, .variance = {}};
  model.weights[2] = {
      .kernel = {}, .bias = {}, .gamma = {3}, .beta = {0.5F}, .mean = {3}, .variance = {3}};
  const Model folded = deployed(model);
  EXPECT_EQ(folded.weights[1].kernel, std::vector<float>{6});
  EXPECT_EQ(folded.weights[1].bias, std::vector<float>{-2.5F});
}

// Channels of a depthwise kernel lie side by side, those of the others one after another.
TEST(Deployed, ScalesTheRightChannelOfEachLayout) {
  for (const bool depthwise : {false, true}) {
    Model model;
    const NodeId in = model.graph.input({2, 1, 2});
    const Extent kernel{2, 1};
    const NodeId x =
        model.graph.add(depthwise ? Op(DepthwiseConv2D{.kernel = kernel, .bias = false})
                                  : Op(Conv2D{.filters = 2, .kernel = kernel, .bias = false}),
                        {in});
    model.graph.add(BatchNorm{.epsilon = 1}, {x});
    model.weights.resize(3);
    model.weights[1].kernel.assign(depthwise ? 4 : 8, 1.0F);
    model.weights[2] = {.kernel = {},
                        .bias = {},
                        .gamma = {1, 10},
                        .beta = {0, 0},
                        .mean = {0, 0},
                        .variance = {0, 0}};
    const std::vector<float> expected = depthwise ? std::vector<float>{1, 10, 1, 10}
                                                  : std::vector<float>{1, 1, 1, 1, 10, 10, 10, 10};
    EXPECT_EQ(deployed(model).weights[1].kernel, expected);
  }
}

TEST(Deployed, RefusesWeightsThatDoNotFit) {
  Model model;
  model.graph.add(Dense{.units = 2}, {model.graph.input({1, 1, 3})});
  EXPECT_THROW(deployed(model), ModelError);
}

}  // namespace
}  // namespace thimble
