#pragma once

#include <functional>

#include "thimble/data/dataset.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/train/recipe.hpp"

namespace thimble {

enum class TrainingEnd {
  kFinished,
  /// The loss was no finite number; the weights are worth nothing.
  kDiverged,
  /// The observer said stop.
  kStopped,
};

struct TrainingProgress {
  int epoch = 0;    ///< epochs finished
  int epochs = 0;   ///< of how many
  double loss = 0;  ///< mean over the samples of the last epoch
};

/// Told after each epoch and now and then within one; false stops the training.
using TrainingObserver = std::function<bool(const TrainingProgress&)>;

struct TrainedModel {
  TrainingEnd end = TrainingEnd::kFinished;
  Model model;  ///< the training graph with its weights (their moving average where the recipe has
                ///< one)
  double loss = 0;  ///< mean over the samples of the last whole epoch
};

/// What a trainer of this graph allocates, in bytes: the engine's plan and the batch.
Bytes training_memory(const Graph& graph, const Recipe& recipe);

/// Trains a classifier on `dataset.train`: softmax cross-entropy, or sigmoid cross-entropy where
/// the network has one output and the set two classes; or, where the recipe's target is the input,
/// a network that rebuilds it as it was shown to it: mean squared error. Every epoch sees the
/// samples in a new order; what does not fill the last batch is left to later epochs (a set smaller
/// than one batch is one batch). Works on up to `threads` cores, at most the recipe's shards; the
/// result depends on the other arguments alone, bit for bit. Throws ModelError when the network
/// does not fit the set (input shape, outputs), ConfigError when the augmentation does not.
TrainedModel train(const Graph& graph, const Dataset& dataset, const Recipe& recipe,
                   const TrainingObserver& observer = {}, int threads = 1);

}  // namespace thimble
