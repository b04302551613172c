#include <gmock/gmock.h>

#include <cmath>

#include "engine/random_network.hpp"
#include "thimble/engine/engine.hpp"

namespace thimble {
namespace {

/// A kernel (which decays), a bias, gamma and beta (which do not).
Graph small_network() {
  Graph graph;
  NodeId id = graph.input({1, 1, 3});
  id = graph.add(Dense{.units = 5}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Activate{}, {id});
  graph.add(Dense{.units = 2}, {id});
  return graph;
}

/// Every trained number and whether it decays, in one order.
struct Flat {
  std::vector<double> values;
  std::vector<bool> decays;
};

Flat flattened(const Weights& weights) {
  Flat flat;
  const auto append = [&](const std::vector<float>& values, bool decays) {
    flat.values.insert(flat.values.end(), values.begin(), values.end());
    flat.decays.insert(flat.decays.end(), values.size(), decays);
  };
  for (const NodeWeights& node : weights) {
    append(node.kernel, true);
    append(node.bias, false);
    append(node.gamma, false);
    append(node.beta, false);
  }
  return flat;
}

/// Runs `steps` steps and compares after each with update(step, gradient, decays, weight, place).
template <class Update>
void expect_updates(const OptimiserOptions& options, Update update) {
  const Graph graph = small_network();
  Rng rng(1);
  Engine engine(graph, {.batch = 20}, options);
  engine.set_weights(random_weights(rng, graph));
  Flat expected = flattened(engine.weights());
  for (int step = 1; step <= 4; ++step) {
    const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 20);
    engine.train_step(data.inputs, data.targets, 0.1F);
    const Flat gradient = flattened(engine.gradients());
    const Flat found = flattened(engine.weights());
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      update(step, gradient.values[i], expected.decays[i], expected.values[i], i);
      ASSERT_NEAR(found.values[i], expected.values[i], 1e-5) << "step " << step << " place " << i;
    }
  }
}

TEST(Optimiser, SgdFollowsItsVelocity) {
  for (const bool nesterov : {false, true}) {
    std::vector<double> velocity(100);
    expect_updates({.momentum = 0.9F, .nesterov = nesterov, .weight_decay = 0.5F},
                   [&](int, double gradient, bool decays, double& weight, std::size_t i) {
                     velocity[i] = 0.9 * velocity[i] + gradient;
                     const double direction = nesterov ? gradient + 0.9 * velocity[i] : velocity[i];
                     weight -= 0.1 * (direction + (decays ? 0.5 * weight : 0));
                   });
  }
}

TEST(Optimiser, AdamWCorrectsItsBiasAndDecaysApart) {
  std::vector<double> m(100), v(100);
  expect_updates(
      {.kind = OptimiserKind::kAdamW, .beta1 = 0.8F, .beta2 = 0.95F, .weight_decay = 0.3F},
      [&](int step, double gradient, bool decays, double& weight, std::size_t i) {
        m[i] = 0.8 * m[i] + 0.2 * gradient;
        v[i] = 0.95 * v[i] + 0.05 * gradient * gradient;
        const double first = m[i] / (1 - std::pow(0.8, step));
        const double second = v[i] / (1 - std::pow(0.95, step));
        if (decays) weight -= 0.1 * 0.3 * weight;
        weight -= 0.1 * first / (std::sqrt(second) + 1e-8);
      });
}

TEST(Optimiser, AveragesWeightsFromTheMomentItIsAsked) {
  const Graph graph = small_network();
  Rng rng(1);
  Engine engine(graph, {.batch = 20});
  engine.set_weights(random_weights(rng, graph));
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 20);
  engine.train_step(data.inputs, data.targets, 0.1F);
  EXPECT_EQ(engine.ema_weights(), engine.weights());
  engine.enable_ema(0.75F);
  std::vector<double> average = flattened(engine.weights()).values;
  for (int step = 0; step < 3; ++step) {
    engine.train_step(data.inputs, data.targets, 0.1F);
    const std::vector<double> now = flattened(engine.weights()).values;
    for (std::size_t i = 0; i < now.size(); ++i) average[i] = 0.75 * average[i] + 0.25 * now[i];
  }
  const std::vector<double> found = flattened(engine.ema_weights()).values;
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], average[i], 1e-5) << i;
  // Batch norm's statistics are averages already.
  EXPECT_EQ(engine.ema_weights()[2].mean, engine.weights()[2].mean);
}

TEST(Optimiser, InitialisationHasTheVarianceOfHe) {
  Graph graph;
  NodeId id = graph.input({8, 8, 16});
  id = graph.add(Conv2D{.filters = 64, .kernel = {3, 3}}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Activate{}, {id});
  graph.add(Dense{.units = 10}, {id});
  Engine engine(graph);
  Rng rng(1);
  engine.initialise(rng);
  const Weights weights = engine.weights();
  const auto variance = [](const std::vector<float>& values) {
    double squares = 0;
    for (const float value : values) squares += double{value} * double{value};
    return squares / static_cast<double>(values.size());
  };
  // 9216 and 23040 draws: the estimate's relative deviation √(2/n) is 1.5 and 0.9 %.
  EXPECT_NEAR(variance(weights[1].kernel), 2.0 / (9 * 16), 0.06 * 2 / (9 * 16));
  EXPECT_NEAR(variance(weights[4].kernel), 1.0 / (6 * 6 * 64), 0.04 / (6 * 6 * 64));
}

}  // namespace
}  // namespace thimble
