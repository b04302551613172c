#include <gmock/gmock.h>

#include <cmath>

#include "engine/random_network.hpp"
#include "engine/reference_network.hpp"

namespace thimble {
namespace {

/// One kind of parameter of a node, in the engine's form and in the oracle's.
struct Kind {
  const char* name;
  std::vector<float> NodeWeights::*narrow;
  std::vector<double> ReferenceWeights::*wide;
};
constexpr Kind kKinds[] = {{"kernel", &NodeWeights::kernel, &ReferenceWeights::kernel},
                           {"bias", &NodeWeights::bias, &ReferenceWeights::bias},
                           {"gamma", &NodeWeights::gamma, &ReferenceWeights::gamma},
                           {"beta", &NodeWeights::beta, &ReferenceWeights::beta}};

/// The engine's gradient of every parameter against the central difference of the oracle's loss, on
/// `samples` samples.
void expect_true_gradients(const Graph& graph, const EngineOptions& options, int samples,
                           std::uint64_t seed = 1) {
  Rng rng(seed);
  const Weights weights = random_weights(rng, graph);
  const Samples data = random_samples(rng, graph, options.loss, samples);
  Engine engine(graph, options);
  engine.set_weights(weights);
  const double loss = engine.train_step(data.inputs, data.targets, 0);
  const Weights gradients = engine.gradients();

  std::vector<ReferenceWeights> varied = widened(weights);
  const std::vector<double> inputs = widened(data.inputs);
  const std::vector<double> targets = widened(data.targets);
  const auto loss_now = [&] { return reference_loss(graph, varied, inputs, targets, options); };
  EXPECT_NEAR(loss, loss_now(), 1e-4 * std::max(1.0, std::abs(loss)));

  constexpr double kStep = 1e-6;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const auto node = static_cast<std::size_t>(id);
    for (const Kind& kind : kKinds) {
      std::vector<double>& values = varied[node].*kind.wide;
      std::vector<double> expected;
      double largest = 0;
      for (double& value : values) {
        const double before = value;
        value = before + kStep;
        const double above = loss_now();
        value = before - kStep;
        const double below = loss_now();
        value = before;
        expected.push_back((above - below) / (2 * kStep));
        largest = std::max(largest, std::abs(expected.back()));
      }
      const std::vector<float>& found = gradients[node].*kind.narrow;
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(found[i], expected[i], 2e-4 * largest + 2e-6)
            << kind.name << "[" << i << "] of node " << id << " in\n"
            << describe(graph);
      }
    }
  }
}

constexpr EngineOptions kSquaredError{.batch = 24, .loss = Loss::kMeanSquaredError};

/// input → op → batch norm, so that gradients flow through the operator under test from a layer
/// behind it and into one before it.
template <class... Ops>
Graph between_convolutions(Shape input, const Ops&... ops) {
  Graph graph;
  NodeId id = graph.input(input);
  id = graph.add(Conv2D{.filters = input.channels}, {id});
  ((id = graph.add(ops, {id})), ...);
  graph.add(Dense{.units = 2}, {id});
  return graph;
}

struct ConvolutionCase {
  Shape input;
  int filters;
  Extent kernel, stride, dilation;
  Padding padding;
};

const ConvolutionCase kConvolutions[] = {
    {{5, 4, 3}, 7, {3, 3}, {1, 1}, {1, 1}, Padding::kSame},
    {{6, 5, 1}, 5, {3, 3}, {2, 2}, {1, 1}, Padding::kSame},
    {{7, 6, 2}, 3, {3, 2}, {2, 1}, {1, 1}, Padding::kValid},
    {{7, 7, 2}, 2, {3, 3}, {1, 1}, {2, 2}, Padding::kSame},
    {{9, 6, 1}, 2, {3, 2}, {2, 3}, {2, 1}, Padding::kSame},
    {{4, 4, 5}, 13, {1, 1}, {1, 1}, {1, 1}, Padding::kValid},
    {{4, 3, 2}, 1, {1, 1}, {2, 2}, {1, 1}, Padding::kSame},
    {{3, 2, 2}, 2, {5, 5}, {1, 1}, {1, 1}, Padding::kSame},
    {{7, 8, 1}, 4, {4, 4}, {3, 4}, {1, 1}, Padding::kSame},
    {{1, 1, 9}, 6, {1, 1}, {1, 1}, {1, 1}, Padding::kValid},
};

TEST(Gradient, OfConvolutionsIsTheDifferenceQuotient) {
  for (const ConvolutionCase& c : kConvolutions) {
    expect_true_gradients(between_convolutions(c.input, Conv2D{.filters = c.filters,
                                                               .kernel = c.kernel,
                                                               .stride = c.stride,
                                                               .dilation = c.dilation,
                                                               .padding = c.padding}),
                          kSquaredError, 3);
  }
}

TEST(Gradient, OfDepthwiseConvolutionsIsTheDifferenceQuotient) {
  for (const ConvolutionCase& c : kConvolutions) {
    for (const int multiplier : {1, 2}) {
      expect_true_gradients(between_convolutions(c.input, DepthwiseConv2D{.multiplier = multiplier,
                                                                          .kernel = c.kernel,
                                                                          .stride = c.stride,
                                                                          .dilation = c.dilation,
                                                                          .padding = c.padding}),
                            kSquaredError, 3);
    }
  }
}

// Rows that are wider than a tile of columns, with edges on both sides.
TEST(Gradient, OfDepthwiseKernelsThatSlideIsTheDifferenceQuotient) {
  for (const int width : {3, 5, 7}) {
    for (const int stride : {1, 2, 3}) {
      for (const Padding padding : {Padding::kSame, Padding::kValid}) {
        expect_true_gradients(
            between_convolutions(
                {5, 23, 2},
                DepthwiseConv2D{.kernel = {4, width}, .stride = {1, stride}, .padding = padding}),
            kSquaredError, 2);
      }
    }
  }
}

TEST(Gradient, OfABatchInShardsIsTheDifferenceQuotient) {
  Graph graph;
  NodeId id = graph.input({6, 5, 2});
  id = graph.add(Conv2D{.filters = 3, .kernel = {3, 3}, .padding = Padding::kSame}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Activate{}, {id});
  id = graph.add(DepthwiseConv2D{.kernel = {3, 3}}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Pool2D{.window = {2, 2}, .stride = {2, 2}}, {id});
  graph.add(Dense{.units = 3}, {id});
  EngineOptions options = kSquaredError;
  options.batch = 64;
  options.shards = 3;
  options.threads = 2;
  expect_true_gradients(graph, options, 57);
}

TEST(Gradient, OfAKernelWithMoreTapsThanOnePassHoldsIsTheDifferenceQuotient) {
  expect_true_gradients(between_convolutions({9, 10, 1}, DepthwiseConv2D{.kernel = {9, 9}}),
                        kSquaredError, 2);
}

TEST(Gradient, OfFusedActivationsIsTheDifferenceQuotient) {
  for (const Activation activation : {Activation::kRelu, Activation::kRelu6}) {
    expect_true_gradients(
        between_convolutions({4, 4, 3},
                             Conv2D{.filters = 5, .kernel = {3, 3}, .activation = activation},
                             DepthwiseConv2D{.kernel = {2, 2}, .activation = activation},
                             Dense{.units = 7, .activation = activation}),
        kSquaredError, 5);
  }
}

TEST(Gradient, OfStandaloneActivationsIsTheDifferenceQuotient) {
  expect_true_gradients(
      between_convolutions({3, 3, 4}, Activate{Activation::kRelu}, Conv2D{.filters = 3},
                           Pad{1, 0, 2, 1}, Activate{Activation::kRelu6}),
      kSquaredError, 4);
}

TEST(Gradient, OfPoolsIsTheDifferenceQuotient) {
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    for (const Padding padding : {Padding::kSame, Padding::kValid}) {
      expect_true_gradients(
          between_convolutions(
              {7, 6, 3},
              Pool2D{.kind = kind, .window = {3, 2}, .stride = {2, 1}, .padding = padding}),
          kSquaredError, 3);
    }
    expect_true_gradients(between_convolutions({5, 4, 3}, GlobalPool{kind}), kSquaredError, 3);
  }
}

TEST(Gradient, OfBatchNormIsTheDifferenceQuotient) {
  expect_true_gradients(
      between_convolutions({4, 4, 3}, BatchNorm{}, Activate{Activation::kRelu},
                           DepthwiseConv2D{.kernel = {3, 3}, .bias = false}, BatchNorm{},
                           Activate{Activation::kRelu6}, Conv2D{.filters = 6, .bias = false},
                           BatchNorm{.epsilon = 1e-2F}, GlobalPool{}),
      kSquaredError, 5);
}

// 19 samples: a full block of 16 and one with 3 lanes in use.
TEST(Gradient, OfAPartialBatchCountsOnlyItsSamples) {
  Graph graph;
  NodeId id = graph.input({3, 3, 2});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Conv2D{.filters = 3, .kernel = {2, 2}}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Activate{}, {id});
  graph.add(Dense{.units = 3}, {id});
  for (const int samples : {1, 2, 15, 16, 19}) {
    expect_true_gradients(graph, {.batch = 24}, samples);
  }
}

TEST(Gradient, OfATensorWithSeveralReadersIsTheirSum) {
  Graph graph;
  const NodeId input = graph.input({4, 4, 3});
  const NodeId stem =
      graph.add(Conv2D{.filters = 4, .kernel = {3, 3}, .padding = Padding::kSame}, {input});
  const NodeId norm = graph.add(BatchNorm{}, {stem});
  const NodeId relu = graph.add(Activate{}, {norm});
  const NodeId a = graph.add(Conv2D{.filters = 4}, {relu});
  const NodeId b = graph.add(BatchNorm{}, {a});
  const NodeId sum = graph.add(Add{}, {b, relu, relu});
  const NodeId after = graph.add(Activate{}, {sum});
  const NodeId c = graph.add(Conv2D{.filters = 2}, {after});
  const NodeId both = graph.add(Concat{}, {c, after, stem});
  const NodeId more = graph.add(Add{Activation::kRelu6}, {both, both});
  const NodeId vector = graph.add(Flatten{}, {more});
  graph.add(Dense{.units = 3}, {vector});
  expect_true_gradients(graph, {.batch = 24}, 6);
}

TEST(Gradient, OfSoftmaxInTheMiddleIsTheDifferenceQuotient) {
  expect_true_gradients(between_convolutions({2, 2, 3}, Softmax{}), kSquaredError, 4);
}

TEST(Gradient, OfEveryLossIsTheDifferenceQuotient) {
  Graph graph;
  NodeId id = graph.input({2, 2, 2});
  id = graph.add(Dense{.units = 5}, {id});
  Graph closed = graph;
  closed.add(Softmax{}, {id});
  Graph single = graph;
  single.add(Dense{.units = 1}, {id});
  for (const float smoothing : {0.0F, 0.1F}) {
    const EngineOptions cross{.batch = 24, .label_smoothing = smoothing};
    expect_true_gradients(graph, cross, 5);
    expect_true_gradients(closed, cross, 5);
    expect_true_gradients(
        single,
        {.batch = 24, .loss = Loss::kSigmoidBinaryCrossEntropy, .label_smoothing = smoothing}, 5);
  }
  expect_true_gradients(closed, kSquaredError, 5);
}

// Shapes nobody chose: a small network of random operators for each seed.
TEST(Gradient, OfRandomNetworksIsTheDifferenceQuotient) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Rng rng(seed);
    const auto some = [&](int high) { return static_cast<int>(rng.uniform_int(1, high)); };
    Graph graph;
    NodeId id = graph.input({some(4) + 2, some(4) + 2, some(3)});
    for (int layer = 0; layer < 3; ++layer) {
      const Padding padding = rng.chance(0.7) ? Padding::kSame : Padding::kValid;
      const Extent kernel = padding == Padding::kSame ? Extent{some(3), some(3)} : Extent{1, 1};
      const Extent stride{some(2), some(2)};
      if (rng.chance(0.6)) {
        id = graph.add(
            Conv2D{.filters = some(8), .kernel = kernel, .stride = stride, .padding = padding},
            {id});
      } else {
        id = graph.add(
            DepthwiseConv2D{
                .multiplier = some(2), .kernel = kernel, .stride = stride, .padding = padding},
            {id});
      }
      if (rng.chance(0.5)) id = graph.add(BatchNorm{.epsilon = 0.1F}, {id});
      if (rng.chance(0.5)) id = graph.add(Activate{}, {id});
    }
    graph.add(Dense{.units = 3}, {id});
    expect_true_gradients(graph, {.batch = 24}, some(4) + 16, seed);
  }
}

}  // namespace
}  // namespace thimble
