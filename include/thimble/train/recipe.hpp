#pragma once

#include <cstdint>

#include "thimble/engine/engine.hpp"
#include "thimble/samples/augmentation_choice.hpp"

namespace thimble {

enum class Schedule {
  kConstant,
  /// The full rate, a tenth of it from half of the epochs on, a hundredth from three quarters on.
  kStep,
  /// Half a cosine from the full rate to zero (Loshchilov & Hutter 2017, without restarts).
  kCosine,
};

/// What a network learns to answer.
enum class Target {
  /// The class of a sample.
  kLabel,
  /// The sample itself, normalised: whatever it is worse at is unlike what it has seen.
  kInput,
};

/// How a network is trained: all that its weights depend on besides the graph and the data.
struct Recipe {
  Target target = Target::kLabel;
  int epochs = 3;
  int batch = 128;
  OptimiserOptions optimiser = {.momentum = 0.9F, .nesterov = true, .weight_decay = 5e-4F};
  float learning_rate = 0.1F;
  Schedule schedule = Schedule::kCosine;
  /// The rate rises linearly from zero over this many epochs, at most half of all.
  double warm_up_epochs = 0.25;
  float label_smoothing = 0;
  /// Decay of the moving average of the weights, which then are the result; 0: none. In short
  /// trainings it is lowered, so that the average reaches back over a twentieth of the steps at
  /// most.
  float ema_decay = 0;
  /// Short trainings and small networks mostly do better without: they have no time and no weights
  /// to spare.
  AugmentationChoice augmentation = {};
  /// Parts that each batch is cut into for threads; every number of them rounds differently
  /// (EngineOptions::shards).
  int shards = 1;
  /// EngineOptions::kept.
  Precision kept = Precision::kSingle;
  /// Initial weights, order of samples, augmentation and dropout all come from this.
  std::uint64_t seed = 0;
};

/// The learning rate at a point of training; `epoch` runs from 0 to recipe.epochs and need not be
/// whole.
float learning_rate_at(const Recipe& recipe, double epoch);

}  // namespace thimble
