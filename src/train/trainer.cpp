#include "thimble/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "batch_loader.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// Numbers of the random streams under the recipe's seed.
enum Stream : std::uint64_t { kWeights, kOrder, kAugmentation, kDropout };

/// Steps between two questions whether to go on.
constexpr std::size_t kStepsBetweenQuestions = 32;

Loss loss_for(const Graph& graph, Target target) {
  if (target == Target::kInput) return Loss::kMeanSquaredError;
  const bool one_logit = graph.shape(graph.output()).elements() == 1;
  return one_logit ? Loss::kSigmoidBinaryCrossEntropy : Loss::kSoftmaxCrossEntropy;
}

EngineOptions engine_options(const Graph& graph, const Recipe& recipe, int threads = 1) {
  return {.batch = recipe.batch,
          .loss = loss_for(graph, recipe.target),
          .label_smoothing = recipe.label_smoothing,
          .dropout_seed = mix(recipe.seed, kDropout),
          .shards = recipe.shards,
          .threads = threads,
          .kept = recipe.kept};
}

void check_fit(const Graph& graph, const Dataset& dataset, Target target) {
  const auto inputs = graph.inputs();
  if (inputs.size() != 1) raise<ModelError>("network: inputs = {}: needs one", inputs.size());
  const Shape in = graph.shape(inputs[0]);
  if (in != dataset.train.shape) {
    raise<ModelError>("network: input = {}: {} has samples of {}", to_string(in), dataset.name,
                      to_string(dataset.train.shape));
  }
  const std::int64_t out = graph.shape(graph.output()).elements();
  if (target == Target::kInput) {
    if (out == in.elements()) return;
    raise<ModelError>("network: outputs = {}: to rebuild its input it needs {}", out,
                      in.elements());
  }
  if (out == dataset.classes || (out == 1 && dataset.classes == 2)) return;
  raise<ModelError>("network: outputs = {}: {} has {} classes", out, dataset.name, dataset.classes);
}

/// The decay, or less where it would remember more than a twentieth of a short training: 1 / (1 −
/// decay) steps.
float bounded_decay(float decay, std::size_t steps) {
  return std::clamp(1 - 20 / static_cast<float>(steps), 0.0F, decay);
}

AugmentationPolicy policy_for(const AugmentationChoice& choice, const Dataset& dataset) {
  const Samples& train = dataset.train;
  const AugmentationPolicy policy =
      augmentation_policy(choice, dataset.augmentation, data_kind(train), train.shape);
  if (policy.waveform != WaveformPolicy{} && !find_versions(train, policy.waveform)) {
    raise<ConfigError>("augmentation: noise, speed: {} has no such versions of its clips",
                       dataset.name);
  }
  return policy;
}

double take_step(Engine& engine, const Batch& batch, Target target, float learning_rate) {
  if (target == Target::kInput) {
    return engine.train_step(batch.inputs, std::span<const float>(batch.inputs), learning_rate);
  }
  if (!batch.targets.empty()) {
    return engine.train_step(batch.inputs, std::span<const float>(batch.targets), learning_rate);
  }
  return engine.train_step(batch.inputs, std::span<const std::int32_t>(batch.labels),
                           learning_rate);
}

}  // namespace

Bytes training_memory(const Graph& graph, const Recipe& recipe) {
  const std::int64_t sample = graph.shape(graph.inputs().at(0)).elements();
  return Engine::required_memory(graph, engine_options(graph, recipe), recipe.optimiser) +
         Bytes(static_cast<std::int64_t>(sizeof(float)) * sample * recipe.batch);
}

TrainedModel train(const Graph& graph, const Dataset& dataset, const Recipe& recipe,
                   const TrainingObserver& observer, int threads) {
  check_fit(graph, dataset, recipe.target);
  Engine engine(graph, engine_options(graph, recipe, threads), recipe.optimiser);
  Rng initial(mix(recipe.seed, kWeights));
  engine.initialise(initial);

  const Samples& samples = dataset.train;
  const std::size_t batch =
      std::min<std::size_t>(static_cast<std::size_t>(recipe.batch), samples.size());
  const auto outputs = static_cast<std::size_t>(graph.shape(graph.output()).elements());
  BatchLoader loader(dataset, policy_for(recipe.augmentation, dataset),
                     {.batch = batch,
                      .outputs = outputs,
                      .order_seed = mix(recipe.seed, kOrder),
                      .augmentation_seed = mix(recipe.seed, kAugmentation)});
  const std::size_t steps = loader.steps();
  if (recipe.ema_decay > 0) {
    engine.enable_ema(
        bounded_decay(recipe.ema_decay, steps * static_cast<std::size_t>(recipe.epochs)));
  }
  TrainedModel result;

  for (int epoch = 0; epoch < recipe.epochs; ++epoch) {
    loader.begin(epoch);
    double loss_sum = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      if (observer && step % kStepsBetweenQuestions == 0 &&
          !observer({.epoch = epoch, .epochs = recipe.epochs, .loss = result.loss})) {
        result.end = TrainingEnd::kStopped;
        return result;
      }
      const Batch& next = loader.next();
      const double position = epoch + static_cast<double>(step) / static_cast<double>(steps);
      const double loss =
          take_step(engine, next, recipe.target, learning_rate_at(recipe, position));
      if (!std::isfinite(loss)) {
        result.end = TrainingEnd::kDiverged;
        return result;
      }
      loss_sum += loss;
    }
    result.loss = loss_sum / static_cast<double>(steps);
    if (observer) observer({.epoch = epoch + 1, .epochs = recipe.epochs, .loss = result.loss});
  }
  result.model = {graph, engine.ema_weights()};
  return result;
}

}  // namespace thimble
