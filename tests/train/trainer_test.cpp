#include "thimble/train/trainer.hpp"

#include <gtest/gtest.h>

#include "support/bars.hpp"
#include "thimble/core/error.hpp"
#include "thimble/train/int8_score.hpp"

namespace thimble {
namespace {

Graph small_network(Shape input, int outputs) {
  Graph graph;
  NodeId x = graph.input(input);
  x = graph.add(Conv2D{.filters = 6, .kernel = {5, 5}, .bias = false}, {x});
  x = graph.add(BatchNorm{}, {x});
  x = graph.add(Activate{Activation::kRelu}, {x});
  x = graph.add(GlobalPool{PoolKind::kMax}, {x});
  graph.add(Dense{.units = outputs}, {x});
  return graph;
}

TEST(Train, TeachesANetworkThatStaysTaughtInInt8) {
  const Dataset set = bars_dataset();
  const Recipe recipe{.epochs = 4, .batch = 32, .learning_rate = 0.05F};
  const TrainedModel trained = train(small_network(set.shape(), 3), set, recipe);
  ASSERT_EQ(trained.end, TrainingEnd::kFinished);
  const QuantizedModel int8 = quantised(trained.model, set, {});
  EXPECT_GT(int8_accuracy(int8, set.test, set.normalisation), 0.9);  // chance is 1/3
}

TEST(Train, TeachesTwoClassesThroughOneLogit) {
  const Dataset set = bars_dataset(2);
  const Recipe recipe{.epochs = 4, .batch = 32, .learning_rate = 0.05F};
  const TrainedModel trained = train(small_network(set.shape(), 1), set, recipe);
  EXPECT_GT(int8_accuracy(quantised(trained.model, set, {}), set.test, set.normalisation), 0.9);
}

TEST(Train, GivesTheSameBitsForTheSameSeed) {
  const Dataset set = bars_dataset();
  const Graph graph = small_network(set.shape(), 3);
  Recipe recipe{.epochs = 1, .batch = 32, .ema_decay = 0.9F};
  const Weights once = train(graph, set, recipe).model.weights;
  EXPECT_EQ(train(graph, set, recipe).model.weights, once);
  recipe.seed = 1;
  EXPECT_NE(train(graph, set, recipe).model.weights, once);
}

TEST(Train, GivesTheSameBitsOnAnyNumberOfThreads) {
  const Dataset set = bars_dataset();
  const Graph graph = small_network(set.shape(), 3);
  const Recipe recipe{.epochs = 1, .batch = 64, .shards = 4};
  const Weights alone = train(graph, set, recipe).model.weights;
  EXPECT_EQ(train(graph, set, recipe, {}, 2).model.weights, alone);
  EXPECT_EQ(train(graph, set, recipe, {}, 4).model.weights, alone);
}

TEST(Train, MixesSamplesAndLabels) {
  for (const int classes : {2, 3}) {
    const Dataset set = bars_dataset(classes);
    const Graph graph = small_network(set.shape(), classes == 2 ? 1 : 3);
    Recipe recipe{.epochs = 6, .batch = 32, .learning_rate = 0.05F};
    const TrainedModel plain = train(graph, set, recipe);
    recipe.augmentation.variations = {{.name = "mixup", .numbers = {0.4}}};
    const TrainedModel mixed = train(graph, set, recipe);
    EXPECT_GT(int8_accuracy(quantised(mixed.model, set, {}), set.test, set.normalisation), 0.9);
    EXPECT_GT(mixed.loss, plain.loss) << "no network is sure of a mixture";
    EXPECT_EQ(train(graph, set, recipe).model.weights, mixed.model.weights);
    recipe.shards = 2;
    EXPECT_EQ(train(graph, set, recipe, {}, 2).model.weights,
              train(graph, set, recipe).model.weights);
  }
}

TEST(Train, TakesTheSetsOwnVariationsAndThoseByName) {
  Dataset set = bars_dataset();
  set.augmentation = {.shift = 1, .flip_horizontal = true};
  const Graph graph = small_network(set.shape(), 3);
  const auto weights = [&](const AugmentationChoice& choice) {
    return train(graph, set, {.epochs = 1, .batch = 32, .augmentation = choice}).model.weights;
  };
  AugmentationChoice named;
  named.variations = {{.name = "shift", .numbers = {1}}, {.name = "flip"}};
  EXPECT_EQ(weights(named), weights(Augmentation::kFull));
  named.variations.pop_back();
  EXPECT_NE(weights(named), weights(Augmentation::kFull));
  named.variations.clear();
  EXPECT_EQ(weights(named), weights(Augmentation::kNone));
  EXPECT_NE(weights(Augmentation::kMirror), weights(Augmentation::kNone));
  named.variations = {{.name = "noise"}};
  EXPECT_THROW(weights(named), ConfigError);
}

TEST(Train, SaysThatItDiverged) {
  const Dataset set = bars_dataset();
  const Recipe recipe{.epochs = 3, .batch = 32, .learning_rate = 1e30F};
  EXPECT_EQ(train(small_network(set.shape(), 3), set, recipe).end, TrainingEnd::kDiverged);
}

TEST(Train, StopsWhenTold) {
  const Dataset set = bars_dataset();
  const Graph graph = small_network(set.shape(), 3);
  const auto trained = train(graph, set, {}, [](const TrainingProgress&) { return false; });
  EXPECT_EQ(trained.end, TrainingEnd::kStopped);
}

TEST(Train, RefusesANetworkForOtherData) {
  const Dataset set = bars_dataset();
  EXPECT_THROW(train(small_network({9, 9, 1}, 3), set, {}), ModelError);
  EXPECT_THROW(train(small_network(set.shape(), 4), set, {}), ModelError);
  EXPECT_THROW(train(small_network(set.shape(), 1), set, {}), ModelError);
}

TEST(Train, TakesASetSmallerThanABatch) {
  const Dataset set = bars_dataset(3, 20);
  EXPECT_EQ(train(small_network(set.shape(), 3), set, {.epochs = 2, .batch = 128}).end,
            TrainingEnd::kFinished);
}

}  // namespace
}  // namespace thimble
