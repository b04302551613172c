#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>

#include "engine/random_network.hpp"
#include "kernels/normalise.hpp"
#include "thimble/engine/engine.hpp"

namespace thimble {
namespace {

using engine::Bfloat16;
using engine::Field;

/// One block of images of some channels, as the kernels have it.
struct Block {
  static constexpr std::size_t kPixels = 35;
  static constexpr std::size_t kChannels = 7;
  static constexpr std::size_t kCount = kPixels * kChannels * 16;

  Field field{.pixels = kPixels, .channels = kChannels};
  alignas(64) float single[kCount] = {};
  alignas(64) Bfloat16 half[kCount] = {};
};

float widened_half(Bfloat16 half) { return std::bit_cast<float>(std::uint32_t{half} << 16); }

/// Random numbers that bfloat16 holds exactly, in both precisions.
Block exact_block(std::uint64_t seed) {
  Rng rng(seed);
  Block block;
  for (std::size_t i = 0; i < Block::kCount; ++i) {
    block.half[i] =
        static_cast<Bfloat16>(std::bit_cast<std::uint32_t>(static_cast<float>(rng.normal())) >> 16);
    block.single[i] = widened_half(block.half[i]);
  }
  return block;
}

TEST(Bfloat16, IsTheNearestAndOfTwoTheEvenOne) {
  Rng rng(1);
  Block block;
  for (float& value : block.single) {
    value = static_cast<float>(rng.normal() * std::pow(10.0, rng.uniform_int(-30, 30)));
  }
  // Halfway between two, above and below an even one.
  block.single[0] = std::bit_cast<float>(0x3F808000U);
  block.single[1] = std::bit_cast<float>(0x3F818000U);
  engine::round_to_half(block.field, block.single, block.half);
  EXPECT_EQ(block.half[0], 0x3F80);
  EXPECT_EQ(block.half[1], 0x3F82);
  for (std::size_t i = 2; i < Block::kCount; ++i) {
    const double value = double{block.single[i]};
    const auto distance = [&](int steps) {
      return std::abs(double{widened_half(static_cast<Bfloat16>(block.half[i] + steps))} - value);
    };
    ASSERT_LE(distance(0), distance(1)) << value;
    ASSERT_LE(distance(0), distance(-1)) << value;
  }
}

TEST(Bfloat16, KeepsWhatIsNoNumberAndWhatIsTooLarge) {
  Block block;
  block.single[0] = std::numeric_limits<float>::quiet_NaN();
  block.single[1] = -std::numeric_limits<float>::quiet_NaN();
  block.single[2] = std::numeric_limits<float>::infinity();
  block.single[3] = -std::numeric_limits<float>::infinity();
  block.single[4] = std::numeric_limits<float>::max();
  engine::round_to_half(block.field, block.single, block.half);
  EXPECT_TRUE(std::isnan(widened_half(block.half[0])));
  EXPECT_TRUE(std::isnan(widened_half(block.half[1])));
  EXPECT_EQ(widened_half(block.half[2]), std::numeric_limits<float>::infinity());
  EXPECT_EQ(widened_half(block.half[3]), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(widened_half(block.half[4]), std::numeric_limits<float>::infinity());
}

/// Batch norm's passes over a block, in whatever precision the values and the gradient are.
struct Passes {
  double sums[Block::kChannels] = {}, squares[Block::kChannels] = {};
  double gradient_sums[Block::kChannels] = {}, products[Block::kChannels] = {};
  alignas(64) float normalised[Block::kCount] = {};
  alignas(64) float gradient[Block::kCount] = {};

  Passes(const Block& x, const Block& g, bool half_values, bool half_gradient,
         Activation activation) {
    float vectors[6][Block::kChannels];
    for (std::size_t i = 0; i < 6 * Block::kChannels; ++i) {
      vectors[i / Block::kChannels][i % Block::kChannels] =
          0.1F * static_cast<float>(i % 11) - 0.4F;
    }
    const auto& [shift, scale, offset, mean, slope, constant] = vectors;
    Block kept;
    Block kept_gradient;
    engine::add_moments(x.field, x.single, shift, sums, squares, half_values ? kept.half : nullptr);
    const engine::Values values =
        half_values ? engine::Values{.half = kept.half} : engine::Values{.single = x.single};
    engine::normalise(x.field, values, scale, offset, activation, normalised);
    engine::NormaliseBackward task{.field = x.field,
                                   .values = values,
                                   .gradient = {.single = g.single},
                                   .scale = scale,
                                   .offset = offset,
                                   .mean = mean,
                                   .activation = activation};
    engine::add_gradient_moments(task, gradient_sums, products,
                                 half_gradient ? kept_gradient.half : nullptr);
    if (half_gradient) task.gradient = {.half = kept_gradient.half};
    engine::normalise_backward(task, slope, constant, nullptr, gradient);
  }
};

void expect_equal(const Passes& a, const Passes& b) {
  EXPECT_TRUE(std::ranges::equal(a.sums, b.sums));
  EXPECT_TRUE(std::ranges::equal(a.squares, b.squares));
  EXPECT_TRUE(std::ranges::equal(a.gradient_sums, b.gradient_sums));
  EXPECT_TRUE(std::ranges::equal(a.products, b.products));
  EXPECT_TRUE(std::ranges::equal(a.normalised, b.normalised));
  EXPECT_TRUE(std::ranges::equal(a.gradient, b.gradient));
}

TEST(Bfloat16, LosesNothingOfNumbersThatItHolds) {
  const Block x = exact_block(1);
  const Block g = exact_block(2);
  for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kRelu6}) {
    const auto single = std::make_unique<Passes>(x, g, false, false, activation);
    expect_equal(*std::make_unique<Passes>(x, g, true, false, activation), *single);
    expect_equal(*std::make_unique<Passes>(x, g, true, true, activation), *single);
  }
}

/// Convolutions of all kinds, an addition whose gradient goes two ways, a shared value that is
/// normalised twice.
Graph residual_network() {
  Graph graph;
  const auto normalised = [&](Op op, NodeId input, bool relu = true) {
    const NodeId id = graph.add(BatchNorm{}, {graph.add(op, {input})});
    return relu ? graph.add(Activate{}, {id}) : id;
  };
  const Conv2D conv{.filters = 12, .kernel = {3, 3}, .padding = Padding::kSame, .bias = false};
  const NodeId stem = normalised(conv, graph.input({12, 10, 3}));
  const NodeId left = normalised(conv, stem, false);
  NodeId id = graph.add(Activate{}, {graph.add(Add{}, {left, stem})});
  id = normalised(DepthwiseConv2D{.kernel = {3, 3}, .padding = Padding::kSame, .bias = false}, id);
  const NodeId shared = graph.add(Conv2D{.filters = 9, .bias = false}, {id});
  const NodeId one = graph.add(BatchNorm{}, {shared});
  const NodeId two = graph.add(BatchNorm{}, {shared});
  id = graph.add(Add{}, {one, graph.add(Activate{}, {two})});
  id = graph.add(GlobalPool{}, {id});
  id = normalised(Dense{.units = 20, .bias = false}, id);
  graph.add(Dense{.units = 5}, {id});
  return graph;
}

/// The gradients of a step, one after another, and the running statistics.
std::vector<float> after_a_step(Engine& engine, const Samples& data) {
  engine.train_step(data.inputs, data.targets, 0);
  std::vector<float> all;
  const auto append = [&](const std::vector<float>& values) {
    all.insert(all.end(), values.begin(), values.end());
  };
  for (const NodeWeights& node : engine.gradients()) {
    for (const auto* values : {&node.kernel, &node.bias, &node.gamma, &node.beta}) append(*values);
  }
  for (const NodeWeights& node : engine.weights()) {
    for (const auto* values : {&node.mean, &node.variance}) append(*values);
  }
  return all;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double squares = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = double{a[i]} - double{b[i]};
    squares += difference * difference;
    norm += double{b[i]} * double{b[i]};
  }
  return std::sqrt(squares / norm);
}

TEST(KeptInBfloat16, GradientsAreNearThoseOfSinglePrecision) {
  const Graph graph = residual_network();
  Rng rng(1);
  const Weights weights = random_weights(rng, graph);
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 61);
  Engine single(graph, {.batch = 64});
  Engine half(graph, {.batch = 64, .kept = Precision::kBfloat16});
  single.set_weights(weights);
  half.set_weights(weights);
  const double found = distance(after_a_step(half, data), after_a_step(single, data));
  EXPECT_LT(found, 0.02) << "bfloat16 rounds by up to 1 / 256";
  EXPECT_GT(found, 0) << "nothing was rounded";
}

TEST(KeptInBfloat16, TakesNearlyHalfTheMemoryWhereBatchNormHasIt) {
  Graph graph;
  NodeId id = graph.input({16, 16, 2});
  for (int layer = 0; layer < 6; ++layer) {
    id = graph.add(Conv2D{.filters = 16, .kernel = {3, 3}, .padding = Padding::kSame}, {id});
    id = graph.add(Activate{}, {graph.add(BatchNorm{}, {id})});
  }
  graph.add(Dense{.units = 5}, {graph.add(GlobalPool{}, {id})});
  const Bytes single = Engine::required_memory(graph, {.batch = 512});
  const Bytes half = Engine::required_memory(graph, {.batch = 512, .kept = Precision::kBfloat16});
  EXPECT_LT(static_cast<double>(half.value), 0.6 * static_cast<double>(single.value));
}

TEST(KeptInBfloat16, GivesTheSameBitsForAnyNumberOfThreads) {
  const Graph graph = residual_network();
  Rng rng(2);
  const Weights weights = random_weights(rng, graph);
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 61);
  std::vector<float> alone;
  for (const int threads : {1, 2}) {
    Engine engine(graph,
                  {.batch = 64, .shards = 2, .threads = threads, .kept = Precision::kBfloat16});
    engine.set_weights(weights);
    const std::vector<float> found = after_a_step(engine, data);
    if (alone.empty()) alone = found;
    EXPECT_EQ(found, alone);
  }
}

TEST(KeptInBfloat16, PredictsNearlyTheSame) {
  const Graph graph = residual_network();
  Rng rng(3);
  const Weights weights = random_weights(rng, graph);
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 45);
  std::vector<std::vector<float>> outputs;
  for (const Precision kept : {Precision::kSingle, Precision::kBfloat16}) {
    Engine engine(graph, {.batch = 32, .kept = kept});
    engine.set_weights(weights);
    outputs.emplace_back(45 * 5);
    engine.predict(data.inputs, outputs.back());
  }
  EXPECT_LT(distance(outputs[1], outputs[0]), 0.02);
  EXPECT_GT(distance(outputs[1], outputs[0]), 0);
}

}  // namespace
}  // namespace thimble
