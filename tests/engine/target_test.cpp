#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>

#include "engine/random_network.hpp"

namespace thimble {
namespace {

/// Channel counts that leave remainders in every tile.
Graph odd_network() {
  Graph graph;
  NodeId id = graph.input({11, 9, 3});
  id = graph.add(Conv2D{.filters = 23, .kernel = {3, 3}, .padding = Padding::kSame, .bias = false},
                 {id});
  id = graph.add(BatchNorm{}, {id});
  const NodeId stem = graph.add(Activate{}, {id});
  id = graph.add(DepthwiseConv2D{.kernel = {3, 5}, .stride = {2, 2}, .padding = Padding::kSame},
                 {stem});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Conv2D{.filters = 13, .activation = Activation::kRelu6}, {id});
  const NodeId pooled =
      graph.add(Pool2D{.window = {3, 3}, .stride = {2, 2}, .padding = Padding::kSame}, {stem});
  id = graph.add(Concat{}, {id, pooled});
  id = graph.add(Conv2D{.filters = 7, .kernel = {2, 2}, .dilation = {2, 1}}, {id});
  id = graph.add(Dense{.units = 17, .activation = Activation::kRelu}, {id});
  graph.add(Dense{.units = 5}, {id});
  return graph;
}

Weights trained(const OptimiserOptions& optimiser) {
  const Graph graph = odd_network();
  Rng rng(5);
  Engine engine(graph, {.batch = 48}, optimiser);
  engine.initialise(rng);
  engine.enable_ema(0.5F);
  for (int step = 0; step < 3; ++step) {
    const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 40);
    engine.train_step(data.inputs, data.targets, 0.01F);
  }
  return engine.ema_weights();
}

void expect_near(const std::vector<float>& found, const std::vector<float>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_NEAR(found[i], expected[i], 1e-4 * std::max(1.0F, std::abs(expected[i])));
  }
}

// The scalar kernels and those of every instruction set that this machine has.
TEST(Engine, TrainsAlikeOnEveryInstructionSet) {
  const std::int64_t compiled = HWY_SCALAR | HWY_EMU128 | HWY_NEON | HWY_AVX2 | HWY_AVX3;
  for (const OptimiserKind kind : {OptimiserKind::kSgdMomentum, OptimiserKind::kAdamW}) {
    // Adam divides by the root of what may be a rounding error: epsilon holds that off.
    const OptimiserOptions optimiser{.kind = kind, .epsilon = 1e-3F, .weight_decay = 0.01F};
    const Weights best = trained(optimiser);
    for (std::int64_t rest = hwy::SupportedTargets() & compiled; rest != 0; rest &= rest - 1) {
      const std::int64_t target = rest & -rest;
      hwy::SetSupportedTargetsForTest(target);
      const Weights weights = trained(optimiser);
      hwy::SetSupportedTargetsForTest(0);
      SCOPED_TRACE(hwy::TargetName(target));
      // Other registers, other roundings: equal bits would mean that the target was not switched.
      const bool is_best = target == (hwy::SupportedTargets() & -hwy::SupportedTargets());
      EXPECT_EQ(weights == best, is_best);
      for (std::size_t node = 0; node < best.size(); ++node) {
        expect_near(weights[node].kernel, best[node].kernel);
        expect_near(weights[node].bias, best[node].bias);
        expect_near(weights[node].gamma, best[node].gamma);
        expect_near(weights[node].variance, best[node].variance);
      }
    }
  }
}

}  // namespace
}  // namespace thimble
