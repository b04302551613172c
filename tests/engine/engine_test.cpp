#include "thimble/engine/engine.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "engine/random_network.hpp"
#include "engine/reference_network.hpp"
#include "thimble/core/error.hpp"
#include "thimble/graph/deploy.hpp"

namespace thimble {
namespace {

using ::testing::HasSubstr;

/// Two branches, batch norm, depthwise, pools, dropout: a bit of everything.
Graph mixed_network() {
  Graph graph;
  const NodeId input = graph.input({9, 7, 3});
  NodeId id = graph.add(
      Conv2D{.filters = 7, .kernel = {3, 3}, .padding = Padding::kSame, .bias = false}, {input});
  id = graph.add(BatchNorm{}, {id});
  const NodeId stem = graph.add(Activate{}, {id});
  id = graph.add(DepthwiseConv2D{.kernel = {3, 3}, .stride = {2, 2}, .padding = Padding::kSame},
                 {stem});
  id = graph.add(BatchNorm{}, {id});
  const NodeId left = graph.add(Activate{Activation::kRelu6}, {id});
  const NodeId right =
      graph.add(Pool2D{.window = {2, 2}, .stride = {2, 2}, .padding = Padding::kSame}, {stem});
  id = graph.add(Add{}, {left, right});
  id = graph.add(Conv2D{.filters = 13, .activation = Activation::kRelu}, {id});
  id = graph.add(GlobalPool{}, {id});
  id = graph.add(Dropout{0.2F}, {id});
  id = graph.add(Dense{.units = 5}, {id});
  graph.add(Softmax{}, {id});
  return graph;
}

std::vector<float> predicted(Engine& engine, const std::vector<float>& inputs) {
  const Graph& graph = engine.graph();
  const std::int64_t samples = static_cast<std::int64_t>(inputs.size()) / graph.shape(0).elements();
  std::vector<float> outputs(
      static_cast<std::size_t>(samples * graph.shape(graph.output()).elements()));
  engine.predict(inputs, outputs);
  return outputs;
}

TEST(Engine, PredictsWhatTheDefinitionsSay) {
  Rng rng(3);
  const Graph graph = mixed_network();
  const Weights weights = random_weights(rng, graph);
  // More samples than a batch, and a last block that is not full.
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 45);
  Engine engine(graph, {.batch = 32});
  engine.set_weights(weights);
  const auto tensors = reference_tensors(graph, widened(weights), widened(data.inputs), false);
  const std::vector<double>& expected = tensors[static_cast<std::size_t>(graph.output())];
  const std::vector<float> found = predicted(engine, data.inputs);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-5) << i;
}

TEST(Engine, ObservesEveryTensorOfADeployedGraph) {
  Rng rng(4);
  const Graph training = mixed_network();
  const Model model = deployed(Model{training, random_weights(rng, training)});
  const Samples data = random_samples(rng, training, Loss::kSoftmaxCrossEntropy, 21);
  Engine engine(model.graph);
  engine.set_weights(model.weights);
  const auto expected =
      reference_tensors(model.graph, widened(model.weights), widened(data.inputs), false);
  std::vector<std::vector<float>> found(expected.size());
  engine.observe(data.inputs, [&](NodeId id, std::span<const float> values) {
    auto& tensor = found[static_cast<std::size_t>(id)];
    tensor.insert(tensor.end(), values.begin(), values.end());
  });
  for (std::size_t id = 0; id < expected.size(); ++id) {
    ASSERT_EQ(found[id].size(), expected[id].size()) << id;
    for (std::size_t i = 0; i < found[id].size(); ++i) {
      ASSERT_NEAR(found[id][i], expected[id][i], 1e-4) << "node " << id << " value " << i;
    }
  }
}

TEST(Engine, LearnsTwoClassesThatAreSeparable) {
  Graph graph;
  NodeId id = graph.input({6, 6, 1});
  id = graph.add(Conv2D{.filters = 4, .kernel = {3, 3}, .bias = false}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Activate{}, {id});
  id = graph.add(GlobalPool{}, {id});
  graph.add(Dense{.units = 2}, {id});
  Engine engine(graph, {.batch = 32});
  Rng rng(1);
  engine.initialise(rng);
  // Class 1 has stripes, class 0 noise of the same variance.
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
  for (int n = 0; n < 32; ++n) {
    labels.push_back(n % 2);
    for (int i = 0; i < 36; ++i) {
      const double stripe = i % 2 == 0 ? 1 : -1;
      inputs.push_back(static_cast<float>(n % 2 == 1 ? stripe : rng.normal()));
    }
  }
  const double before = engine.train_step(inputs, labels, 0.1F);
  double after = before;
  for (int step = 0; step < 60; ++step) after = engine.train_step(inputs, labels, 0.1F);
  EXPECT_LT(after, before / 5);
}

TEST(Engine, GivesTheSameBitsForTheSameSeed) {
  const Graph graph = mixed_network();
  const auto trained = [&] {
    Rng rng(7);
    Engine engine(graph, {.batch = 32, .dropout_seed = 5});
    engine.initialise(rng);
    const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 27);
    for (int step = 0; step < 5; ++step) engine.train_step(data.inputs, data.targets, 0.05F);
    return engine.weights();
  };
  EXPECT_EQ(trained(), trained());
}

TEST(Engine, GivesTheSameBitsOnAnyNumberOfThreads) {
  const Graph graph = mixed_network();
  const auto trained = [&](int shards, int threads) {
    Rng rng(7);
    Engine engine(graph, {.batch = 96, .dropout_seed = 5, .shards = shards, .threads = threads});
    engine.initialise(rng);
    for (const int samples : {96, 3, 50}) {
      const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, samples);
      engine.train_step(data.inputs, data.targets, 0.05F);
    }
    return engine.weights();
  };
  for (const int shards : {2, 3, 6}) {
    const Weights alone = trained(shards, 1);
    for (const int threads : {2, 3, 8}) EXPECT_EQ(trained(shards, threads), alone);
  }
  EXPECT_NE(trained(2, 1), trained(1, 1)) << "sums of shards round differently";
}

TEST(Engine, TellsWhereTheTimeOfAStepWent) {
  Graph graph;
  NodeId id = graph.input({8, 8, 3});
  const NodeId conv = graph.add(Conv2D{.filters = 5, .kernel = {3, 3}}, {id});  // 6×6×5
  id = graph.add(BatchNorm{}, {conv});
  graph.add(Dense{.units = 2}, {id});
  Rng rng(1);
  Engine engine(graph, {.batch = 32});
  engine.initialise(rng);
  const Weights before = engine.weights();
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 32);
  const auto profile = engine.profile(data.inputs, data.targets, 2);
  EXPECT_EQ(profile.back().name, "update");
  int convolutions = 0;
  for (const StepProfile& step : profile) {
    EXPECT_GT(step.seconds, 0) << step.name;
    if (step.node != conv || step.macs == 0) continue;
    ++convolutions;
    EXPECT_EQ(step.macs, 6.0 * 6 * 5 * 27 * 32) << step.name;
  }
  EXPECT_EQ(convolutions, 2) << "forward and the kernel's gradient; the input needs none";
  EXPECT_EQ(engine.weights()[1].kernel, before[1].kernel) << "the learning rate is 0";
}

TEST(Engine, ForgetsNothingAndAddsNothingToWeightsGivenToIt) {
  Rng rng(2);
  const Graph graph = mixed_network();
  const Weights weights = random_weights(rng, graph);
  Engine engine(graph);
  engine.set_weights(weights);
  EXPECT_EQ(engine.weights(), weights);
}

TEST(Engine, PredictionBetweenStepsChangesNothing) {
  const Graph graph = mixed_network();
  const auto trained = [&](bool predict) {
    Rng rng(7);
    Engine engine(graph, {.batch = 32});
    engine.initialise(rng);
    const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 32);
    for (int step = 0; step < 3; ++step) {
      engine.train_step(data.inputs, data.targets, 0.05F);
      if (predict) predicted(engine, data.inputs);
    }
    return engine.weights();
  };
  EXPECT_EQ(trained(true), trained(false));
}

// Images alternate between 0 and 4 everywhere: mean 2, biased variance 4, unbiased 4 · 8/7 over the
// 8 values of 2 samples of 2×2 pixels.
TEST(Engine, KeepsRunningStatisticsWithTheUnbiasedVariance) {
  Graph graph;
  NodeId id = graph.input({2, 2, 1});
  const NodeId norm = graph.add(BatchNorm{}, {id});
  graph.add(Dense{.units = 2}, {norm});
  Engine engine(graph, {.batch = 2, .batch_norm_momentum = 0.75F});
  const std::vector<float> inputs{0, 4, 0, 4, 4, 0, 4, 0};
  const std::vector<std::int32_t> labels{0, 1};
  engine.train_step(inputs, labels, 0.1F);
  const Weights weights = engine.weights();
  const NodeWeights& statistics = weights[static_cast<std::size_t>(norm)];
  EXPECT_FLOAT_EQ(statistics.mean[0], 0.25F * 2);
  EXPECT_FLOAT_EQ(statistics.variance[0], 0.75F + 0.25F * 4 * 8 / 7);
}

// The mean is a thousand times the deviation: Σx² − (Σx)²/n in single precision would lose the
// variance.
TEST(Engine, BatchVarianceSurvivesALargeMean) {
  Graph graph;
  NodeId id = graph.input({8, 8, 1});
  const NodeId norm = graph.add(BatchNorm{}, {id});
  graph.add(Dense{.units = 1}, {norm});
  Engine engine(graph, {.batch = 32, .loss = Loss::kMeanSquaredError, .batch_norm_momentum = 0});
  Rng rng(1);
  std::vector<float> inputs;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 32 * 64; ++i) {
    inputs.push_back(static_cast<float>(1000 + rng.normal()));
    sum += inputs.back();
    squares += double{inputs.back()} * inputs.back();
  }
  const double count = static_cast<double>(inputs.size());
  engine.train_step(inputs, std::vector<float>(32), 0.0F);
  const Weights weights = engine.weights();
  const double variance = (squares - sum * sum / count) / (count - 1);
  EXPECT_NEAR(weights[static_cast<std::size_t>(norm)].variance[0], variance, 1e-4 * variance);
}

TEST(Engine, TakesALabelAsADistributionThatIsAllOfIt) {
  const Graph graph = mixed_network();
  Engine by_label(graph, {.batch = 32, .label_smoothing = 0.1F});
  Engine by_target(graph, {.batch = 32, .label_smoothing = 0.1F});
  Rng rng(2);
  by_label.initialise(rng);
  by_target.set_weights(by_label.weights());
  const auto classes = static_cast<std::size_t>(graph.shape(graph.output()).elements());
  for (int step = 0; step < 3; ++step) {
    const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 27);
    std::vector<std::int32_t> labels;
    std::vector<float> targets(27 * classes);
    for (std::size_t n = 0; n < 27; ++n) {
      labels.push_back(static_cast<std::int32_t>(n % classes));
      targets[n * classes + n % classes] = 1;
    }
    EXPECT_EQ(by_label.train_step(data.inputs, labels, 0.1F),
              by_target.train_step(data.inputs, targets, 0.1F));
  }
  EXPECT_EQ(by_label.weights(), by_target.weights());
}

// As mixup wants it: loss and gradients are linear in the target (Zhang et al. 2018, section 2).
TEST(Engine, HasOfAMixtureOfLabelsTheMixtureOfTheirLossesAndGradients) {
  Graph graph;
  NodeId id = graph.input({6, 5, 2});
  id = graph.add(Conv2D{.filters = 5, .kernel = {3, 3}, .bias = false}, {id});
  id = graph.add(BatchNorm{}, {id});
  id = graph.add(Activate{}, {id});
  id = graph.add(GlobalPool{}, {id});
  graph.add(Dense{.units = 4}, {id});
  Rng rng(3);
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 20);
  const Samples other = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 20);
  std::vector<float> mixed(data.targets.size());
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    mixed[i] = 0.3F * data.targets[i] + 0.7F * other.targets[i];
  }
  Engine engine(graph, {.batch = 32});
  Rng initial(4);
  engine.initialise(initial);
  const double a = engine.train_step(data.inputs, data.targets, 0);
  const Weights of_a = engine.gradients();
  const double b = engine.train_step(data.inputs, other.targets, 0);
  const Weights of_b = engine.gradients();
  EXPECT_NEAR(engine.train_step(data.inputs, mixed, 0), 0.3 * a + 0.7 * b, 1e-6);
  const Weights of_both = engine.gradients();
  for (std::size_t node = 0; node < of_both.size(); ++node) {
    for (std::size_t i = 0; i < of_both[node].kernel.size(); ++i) {
      EXPECT_NEAR(of_both[node].kernel[i],
                  0.3F * of_a[node].kernel[i] + 0.7F * of_b[node].kernel[i], 1e-5);
    }
  }
}

TEST(Engine, ADivergedNetworkIsSeen) {
  const Graph graph = mixed_network();
  Engine engine(graph, {.batch = 16});
  Rng rng(1);
  engine.initialise(rng);
  const Samples data = random_samples(rng, graph, Loss::kSoftmaxCrossEntropy, 16);
  double loss = 0;
  for (int step = 0; step < 10; ++step) loss = engine.train_step(data.inputs, data.targets, 1e30F);
  EXPECT_FALSE(std::isfinite(loss));
}

TEST(Engine, KnowsItsMemoryBeforehand) {
  const Graph graph = mixed_network();
  for (const OptimiserKind kind : {OptimiserKind::kSgdMomentum, OptimiserKind::kAdamW}) {
    const OptimiserOptions optimiser{.kind = kind};
    const Engine engine(graph, {.batch = 64}, optimiser);
    EXPECT_EQ(engine.memory(), Engine::required_memory(graph, {.batch = 64}, optimiser));
  }
  EXPECT_LT(Engine::required_memory(graph, {.batch = 16}),
            Engine::required_memory(graph, {.batch = 64}));
}

// One image of each of the 5 chained tensors of 16×16×8 floats is 8 KiB; 16 of them 128 KiB.
// Without batch norm, all lives in one segment and the batch's size adds the input and nothing else
// (4 · 16² bytes for each sample).
TEST(Engine, TensorsWithinASegmentNeedRoomForOneBlock) {
  Graph graph;
  NodeId id = graph.input({16, 16, 1});
  for (int i = 0; i < 5; ++i) id = graph.add(Conv2D{.filters = 8}, {id});
  id = graph.add(GlobalPool{}, {id});
  graph.add(Dense{.units = 2}, {id});
  const Bytes small = Engine::required_memory(graph, {.batch = 16});
  const Bytes large = Engine::required_memory(graph, {.batch = 1024});
  EXPECT_LE(large - small, Bytes(1024 * 4 * 16 * 16));
}

template <class E, class F>
std::string thrown(F f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Engine, RefusesAnOutputThatDoesNotSuitTheLoss) {
  Graph graph;
  graph.add(Conv2D{.filters = 2}, {graph.input({2, 2, 1})});
  EXPECT_THAT(thrown<ModelError>([&] { Engine engine(graph); }),
              HasSubstr("node 1 CONV_2D: output = 2x2x2"));
  EXPECT_THAT(
      thrown<ModelError>([&] { Engine engine(graph, {.loss = Loss::kSigmoidBinaryCrossEntropy}); }),
      HasSubstr("single logit"));
}

// Such a network can be read, run and profiled, but not trained.
TEST(Engine, RefusesOperatorsThatItCannotTrainByName) {
  const auto refusal = [](const Op& op, int inputs) {
    Graph graph;
    const NodeId in = graph.input({2, 2, 2});
    graph.add(Dense{.units = 2},
              {graph.add(op, std::vector<NodeId>(static_cast<std::size_t>(inputs), in))});
    return thrown<ModelError>([&] { Engine engine(graph); });
  };
  EXPECT_EQ(refusal(Mean{}, 1), "node 1 MEAN: there is no kernel to train it");
  EXPECT_EQ(refusal(Mul{}, 2), "node 1 MUL: there is no kernel to train it");
  EXPECT_EQ(refusal(ResizeNearest{.size = {4, 4}}, 1),
            "node 1 RESIZE_NEAREST_NEIGHBOR: there is no kernel to train it");
  EXPECT_EQ(refusal(Apply{Function::kTanh}, 1), "node 1 TANH: there is no kernel to train it");
  EXPECT_EQ(refusal(Conv2D{.weights = WeightType::kInt4}, 1),
            "node 1 CONV_2D: int4 weights cannot be trained");
}

TEST(Engine, RefusesOptionsOutOfRange) {
  const Graph graph = mixed_network();
  EXPECT_THAT(thrown<ConfigError>([&] { Engine engine(graph, {.batch = 0}); }),
              HasSubstr("batch = 0"));
  EXPECT_THAT(thrown<ConfigError>([&] { Engine engine(graph, {.label_smoothing = 1}); }),
              HasSubstr("label_smoothing = 1"));
  EXPECT_THAT(thrown<ConfigError>([&] { Engine engine(graph, {}, {.momentum = -1}); }),
              HasSubstr("momentum = -1"));
}

TEST(Engine, RefusesDataThatDoNotFitAndKeepsItsWeights) {
  Graph graph;
  graph.add(Dense{.units = 3}, {graph.input({1, 1, 4})});
  Engine engine(graph, {.batch = 2});
  Rng rng(1);
  engine.initialise(rng);
  const Weights before = engine.weights();
  const std::vector<float> inputs(8);
  const auto step = [&](std::vector<float> x, std::vector<std::int32_t> labels) {
    return thrown<DataError>([&] { engine.train_step(x, labels, 1); });
  };
  EXPECT_THAT(step(inputs, {0, 3}), HasSubstr("label = 3: must be in 0 … 2"));
  EXPECT_THAT(step(inputs, {0, -1}), HasSubstr("label = -1"));
  EXPECT_THAT(step(inputs, {0}), HasSubstr("labels = 1"));
  EXPECT_THAT(step(std::vector<float>(7), {0}), HasSubstr("multiple of a sample's 4"));
  EXPECT_THAT(step(std::vector<float>(12), {0, 1, 2}),
              HasSubstr("samples = 3: a step takes 1 to 2"));
  EXPECT_THAT(step({}, {}), HasSubstr("samples = 0"));
  EXPECT_EQ(engine.weights(), before);
}

/// The mask of each sample: input 1, kernel 1, target 0, so that out = Σ mask and the gradient of
/// weight i is 2 · out · mask_i.
std::vector<float> dropout_mask(Engine& engine, int inputs) {
  const std::vector<float> ones(static_cast<std::size_t>(inputs), 1.0F);
  const double out = std::sqrt(engine.train_step(ones, std::vector<float>{0}, 0.0F));
  std::vector<float> mask = engine.gradients()[2].kernel;
  double sum = 0;
  for (float& value : mask) sum += value /= static_cast<float>(2 * out);
  EXPECT_NEAR(sum, out, 1e-3 * out);
  return mask;
}

TEST(Engine, DropoutScalesWhatItKeepsAndDrawsAnewInEveryStep) {
  constexpr int kInputs = 1000;
  Graph graph;
  NodeId id = graph.input({1, 1, kInputs});
  id = graph.add(Dropout{0.3F}, {id});
  graph.add(Dense{.units = 1, .bias = false}, {id});
  const EngineOptions options{.batch = 1, .loss = Loss::kMeanSquaredError, .dropout_seed = 3};
  Weights weights(3);
  weights[2].kernel.assign(kInputs, 1.0F);
  Engine engine(graph, options);
  engine.set_weights(weights);
  const std::vector<float> first = dropout_mask(engine, kInputs);
  const std::vector<float> second = dropout_mask(engine, kInputs);
  int dropped = 0;
  for (const float value : first) {
    if (std::abs(value) < 1e-6F) {
      ++dropped;
    } else {
      EXPECT_NEAR(value, 1 / 0.7, 1e-4);
    }
  }
  // Binomial, 1000 at 0.3: deviation 14.5; four of them.
  EXPECT_NEAR(dropped, 300, 58);
  EXPECT_NE(first, second);
  Engine again(graph, options);
  again.set_weights(weights);
  EXPECT_EQ(dropout_mask(again, kInputs), first);
  EXPECT_FLOAT_EQ(predicted(engine, std::vector<float>(kInputs, 1.0F))[0], kInputs);
}

// Hidden values are 1 (bias 1, kernel 0), the last kernel 1: the gradients of the last kernel and
// of the first bias are both 2 · out · mask.
TEST(Engine, DropoutPassesGradientsWhereItPassedValues) {
  Graph graph;
  NodeId id = graph.input({1, 1, 2});
  id = graph.add(Dense{.units = 50}, {id});
  id = graph.add(Dropout{0.5F}, {id});
  graph.add(Dense{.units = 1}, {id});
  Engine engine(graph, {.batch = 1, .loss = Loss::kMeanSquaredError});
  Weights weights = engine.weights();
  weights[1].bias.assign(50, 1.0F);
  weights[3].kernel.assign(50, 1.0F);
  engine.set_weights(weights);
  engine.train_step(std::vector<float>{1, 2}, std::vector<float>{0}, 0.0F);
  const Weights gradients = engine.gradients();
  EXPECT_EQ(gradients[1].bias, gradients[3].kernel);
  EXPECT_EQ(std::set<float>(gradients[1].bias.begin(), gradients[1].bias.end()).size(), 2U);
}

}  // namespace
}  // namespace thimble
