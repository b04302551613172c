#include <gtest/gtest.h>

#include <cstring>

#include "support/clips.hpp"
#include "thimble/core/error.hpp"
#include "thimble/features/automatic.hpp"
#include "thimble/features/features.hpp"
#include "thimble/frontend/fixed_frontend.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/train/int8_score.hpp"
#include "thimble/train/trainer.hpp"

namespace thimble {
namespace {

Graph small_network(Shape input, int outputs, bool pooled) {
  Graph graph;
  NodeId x = graph.input(input);
  // A pool hands on its input's scale.
  if (pooled) x = graph.add(Pool2D{.window = {2, 1}, .stride = {2, 1}}, {x});
  x = graph.add(Conv2D{.filters = 6, .kernel = {3, 5}, .bias = false}, {x});
  x = graph.add(BatchNorm{}, {x});
  x = graph.add(Activate{Activation::kRelu}, {x});
  x = graph.add(GlobalPool{PoolKind::kMax}, {x});
  graph.add(Dense{.units = outputs}, {x});
  return graph;
}

std::int8_t random_byte(Rng& rng) { return static_cast<std::int8_t>(rng.uniform_int(-128, 127)); }

// Whatever mean and deviation the features have.
TEST(InputCodes, AreTheBytesThatAreStored) {
  Rng rng(1);
  for (int trial = 0; trial < 200; ++trial) {
    Samples samples{.shape = {4, 4, 1}};
    for (int i = 0; i < 20 * 16; ++i) samples.features.push_back(random_byte(rng));
    samples.labels.resize(20);
    const Normalisation normalisation{.mean = {static_cast<float>(rng.uniform_int(-128, 127))},
                                      .stddev = {static_cast<float>(rng.uniform(0.1, 128))}};
    const auto params = input_params(samples, normalisation);
    ASSERT_TRUE(params.has_value());
    ASSERT_EQ(input_codes(samples, normalisation, *params, 0, 20), samples.features);
  }
}

TEST(Int8Score, GivesTheNetworkTheBytesOfTheDevicesFrontEnd) {
  const Dataset sounds = tones_dataset();
  const auto settings =
      features::fitted(features::automatic(frontend::Kind::kMfcc, 8000, 1200), sounds.train);
  const Dataset set = features::with_features(sounds, settings);
  for (const bool pooled : {false, true}) {
    const TrainedModel trained = train(small_network(set.shape(), 3, pooled), set,
                                       {.epochs = 12, .batch = 20, .learning_rate = 0.05F});
    const QuantizedModel int8 = quantised(trained.model, set, {});
    const QuantParams input = Int8Interpreter(int8).input_params();
    EXPECT_EQ(input.zero_point, set.normalisation.mean[0]);
    EXPECT_EQ(input.scale, 1 / set.normalisation.stddev[0]);
    const auto codes = input_codes(set.test, set.normalisation, input, 0, set.test.size());
    std::vector<std::int8_t> bytes;
    for (std::size_t i = 0; i < sounds.test.size(); ++i) {
      const auto clip = frontend::FixedFrontend(settings).features(sounds.test.clip(i));
      bytes.insert(bytes.end(), clip.begin(), clip.end());
    }
    EXPECT_EQ(codes, bytes);
    EXPECT_GT(int8_accuracy(int8, set.test, set.normalisation), 0.8);  // chance is 1/3
  }
}

// A folder is read class by class, records one after another. Here class 1 alone has loud values,
// and the first half knows nothing of it.
TEST(Quantised, CalibratesOnEveryClassWhereverItLies) {
  Dataset set{.name = "two records", .classes = 2};
  set.train.shape = {1, 1, 1};
  for (int i = 0; i < 2000; ++i) {
    const bool loud = i >= 1000 && i % 100 < 50;
    set.train.labels.push_back(loud ? 1 : 0);
    set.train.values.push_back(loud ? 1.0F : 0.0F);
  }
  set.normalisation = {.mean = {0}, .stddev = {1}};
  Graph graph;
  graph.add(Dense{.units = 1}, {graph.input({1, 1, 1})});
  Model model{.graph = graph, .weights = Weights(2)};
  model.weights[1] = {.kernel = {1}, .bias = {0}};
  EXPECT_FLOAT_EQ(quantised(model, set, {}).activations[0].scale, 1.0F / 255);
}

TEST(Train, TakesTheVersionsOfClipsThatItsAugmentationNeeds) {
  const Dataset sounds = tones_dataset();
  const auto settings =
      features::fitted(features::automatic(frontend::Kind::kMfcc, 8000, 1200), sounds.train);
  const WaveformPolicy noisy{.noise = DecibelRange{5, 20}};
  const Dataset set =
      features::with_features(sounds, settings, 2, {.waveforms = {noisy}, .count = 2});
  const Graph graph = small_network(set.shape(), 3, false);
  Recipe recipe{.epochs = 2, .batch = 20, .learning_rate = 0.05F};
  const Weights plain = train(graph, set, recipe).model.weights;
  recipe.augmentation.variations = {{.name = "noise"}};
  const Weights varied = train(graph, set, recipe).model.weights;
  EXPECT_NE(varied, plain);
  EXPECT_EQ(train(graph, set, recipe).model.weights, varied);
  recipe.augmentation.variations = {{.name = "noise", .numbers = {3}}};
  EXPECT_THROW(train(graph, set, recipe), ConfigError) << "there are none with such noise";
}

}  // namespace
}  // namespace thimble
