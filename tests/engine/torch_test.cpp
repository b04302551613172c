#include <gtest/gtest.h>

#include <cmath>

#include "engine/random_network.hpp"
#include "engine/torch_network.hpp"

namespace thimble {
namespace {

struct Part {
  const char* name;
  std::vector<float> NodeWeights::*values;
};
constexpr Part kParts[] = {{"kernel", &NodeWeights::kernel}, {"bias", &NodeWeights::bias},
                           {"gamma", &NodeWeights::gamma},   {"beta", &NodeWeights::beta},
                           {"mean", &NodeWeights::mean},     {"variance", &NodeWeights::variance}};

/// Every number within `tolerance` of the largest of its vector, or of a tenth where all are
/// smaller: the gradient of a bias before batch norm is a sum that cancels to zero.
void expect_close(const Graph& graph, const Weights& found, const Weights& expected,
                  double tolerance) {
  for (std::size_t node = 0; node < found.size(); ++node) {
    for (const Part& part : kParts) {
      const std::vector<float>& a = found[node].*part.values;
      const std::vector<float>& b = expected[node].*part.values;
      ASSERT_EQ(a.size(), b.size());
      float largest = 0.1F;
      for (const float value : b) largest = std::max(largest, std::abs(value));
      for (std::size_t i = 0; i < a.size(); ++i) {
        ASSERT_NEAR(a[i], b[i], tolerance * double{largest})
            << part.name << "[" << i << "] of node " << node << " in\n"
            << describe(graph);
      }
    }
  }
}

void expect_gradients_of_torch(const Graph& graph, const EngineOptions& options, int samples,
                               Rng rng) {
  const Weights weights = random_weights(rng, graph);
  const Samples data = random_samples(rng, graph, options.loss, samples);
  Engine engine(graph, options);
  engine.set_weights(weights);
  TorchNetwork torch_network(graph, weights, options);
  const double expected = torch_network.loss_and_gradients(data.inputs, data.targets);
  const double loss = engine.train_step(data.inputs, data.targets, 0);
  EXPECT_NEAR(loss, expected, 1e-4 * std::max(1.0, std::abs(loss)));
  expect_close(graph, engine.gradients(), torch_network.gradients(), 1e-4);
  expect_close(graph, engine.weights(), torch_network.weights(), 1e-5);
}

/// Shapes of a size that a search meets, odd ones included; every operator comes up.
class Drawing {
 public:
  explicit Drawing(Rng& rng) : rng_(rng) {}

  Graph network() {
    Graph graph;
    NodeId id = graph.input({some(12) + 2, some(12) + 2, some(8)});
    const int layers = some(4);
    for (int layer = 0; layer < layers; ++layer) {
      id = graph.add(operation(graph.shape(id)), {id});
      if (rng_.chance(0.6)) id = graph.add(BatchNorm{.epsilon = 1e-2F}, {id});
      if (rng_.chance(0.6)) id = graph.add(Activate{activation(true)}, {id});
      if (rng_.chance(0.3)) {
        const NodeId branch = graph.add(
            Conv2D{.filters = graph.shape(id).channels, .activation = activation(false)}, {id});
        id = rng_.chance(0.5) ? graph.add(Add{activation(false)}, {id, branch})
                              : graph.add(Concat{}, {branch, id});
      }
    }
    if (rng_.chance(0.5)) id = graph.add(GlobalPool{pool()}, {id});
    graph.add(Dense{.units = some(20)}, {id});
    return graph;
  }

 private:
  int some(int high) { return static_cast<int>(rng_.uniform_int(1, high)); }
  PoolKind pool() { return rng_.chance(0.5) ? PoolKind::kMax : PoolKind::kAverage; }
  Activation activation(bool certain) {
    if (!certain && rng_.chance(0.5)) return Activation::kNone;
    return rng_.chance(0.7) ? Activation::kRelu : Activation::kRelu6;
  }

  Op operation(Shape in) {
    const Padding padding = rng_.chance(0.6) ? Padding::kSame : Padding::kValid;
    const Extent dilation = rng_.chance(0.2) ? Extent{some(2), some(2)} : Extent{};
    Extent kernel{some(5), some(7)};
    if (padding == Padding::kValid) {
      kernel = {std::min(kernel.height, (in.height - 1) / dilation.height + 1),
                std::min(kernel.width, (in.width - 1) / dilation.width + 1)};
    }
    const Extent stride{some(3), some(3)};
    switch (some(4)) {
      case 1:
        return DepthwiseConv2D{.multiplier = some(2),
                               .kernel = kernel,
                               .stride = stride,
                               .dilation = dilation,
                               .padding = padding,
                               .bias = rng_.chance(0.5),
                               .activation = activation(false)};
      case 2:
        if (dilation == Extent{}) return Pool2D{pool(), kernel, stride, padding};
        return Pad{some(2) - 1, some(3) - 1, some(2), some(2) - 1};
      default:
        return Conv2D{.filters = some(24),
                      .kernel = kernel,
                      .stride = stride,
                      .dilation = dilation,
                      .padding = padding,
                      .bias = rng_.chance(0.5),
                      .activation = activation(false)};
    }
  }

  Rng& rng_;
};

TEST(Torch, AgreesOnTheGradientsOfRandomNetworks) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Rng rng(seed);
    const Graph graph = Drawing(rng).network();
    const int samples = static_cast<int>(rng.uniform_int(2, 40));
    expect_gradients_of_torch(
        graph, {.batch = 48, .loss = Loss::kSoftmaxCrossEntropy, .label_smoothing = 0.1F}, samples,
        rng.fork(1));
    if (HasFatalFailure()) FAIL() << "seed " << seed << ", " << samples << " samples";
  }
}

TEST(Torch, AgreesOnTheOtherLosses) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    Graph graph = Drawing(rng).network();
    expect_gradients_of_torch(graph, {.loss = Loss::kMeanSquaredError}, 17, rng.fork(1));
    graph.add(Dense{.units = 1}, {graph.output()});
    expect_gradients_of_torch(graph, {.loss = Loss::kSigmoidBinaryCrossEntropy}, 17, rng.fork(1));
  }
}

/// A small residual network with depthwise layers, as a search would draw it.
Graph residual_network() {
  Graph graph;
  NodeId id = graph.input({12, 12, 3});
  id = graph.add(Conv2D{.filters = 7,
                        .kernel = {3, 3},
                        .stride = {2, 2},
                        .padding = Padding::kSame,
                        .bias = false},
                 {id});
  id = graph.add(BatchNorm{}, {id});
  const NodeId stem = graph.add(Activate{}, {id});
  id = graph.add(DepthwiseConv2D{.kernel = {3, 3}, .padding = Padding::kSame, .bias = false},
                 {stem});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Activate{Activation::kRelu6}, {id});
  id = graph.add(Conv2D{.filters = 7, .bias = false}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Add{Activation::kRelu}, {id, stem});
  id = graph.add(Pool2D{.window = {2, 2}, .stride = {2, 2}}, {id});
  id = graph.add(Conv2D{.filters = 13, .kernel = {3, 3}, .activation = Activation::kRelu}, {id});
  graph.add(Dense{.units = 5}, {id});
  return graph;
}

TEST(Torch, TrainsToTheSameWeights) {
  const Graph graph = residual_network();
  for (const OptimiserKind kind : {OptimiserKind::kSgdMomentum, OptimiserKind::kAdamW}) {
    for (const bool nesterov : {false, true}) {
      const bool adam = kind == OptimiserKind::kAdamW;
      Rng rng(3);
      const EngineOptions options{.batch = 32};
      // libtorch's SGD decays within the momentum, which is not the decoupled decay.
      // Adam divides by the root of what may be a rounding error: epsilon holds that off.
      const OptimiserOptions optimiser{
          .kind = kind, .nesterov = nesterov, .epsilon = 1e-3F, .weight_decay = adam ? 0.1F : 0.0F};
      Engine engine(graph, options, optimiser);
      engine.initialise(rng);
      TorchNetwork network(graph, engine.weights(), options, optimiser);
      for (int step = 0; step < 5; ++step) {
        const Samples data = random_samples(rng, graph, options.loss, 32);
        network.train_step(data.inputs, data.targets, 0.01);
        engine.train_step(data.inputs, data.targets, 0.01F);
      }
      expect_close(graph, engine.weights(), network.weights(), 2e-4);
    }
  }
}

}  // namespace
}  // namespace thimble
