#include "thimble/eval/evaluation.hpp"

#include <chrono>
#include <new>

#include "thimble/core/error.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/train/int8_score.hpp"
#include "thimble/train/trainer.hpp"

namespace thimble {
namespace {

void evaluate_into(Evaluation& result, const Graph& training, const Dataset& dataset,
                   const EvaluationOptions& options, const std::function<bool()>& keep_going) {
  Recipe recipe = options.recipe;
  recipe.seed = mix(recipe.seed, canonical_hash(training));
  const Bytes needed = training_memory(training, recipe);
  if (options.memory_limit && needed > *options.memory_limit) {
    result.failure = fmt::format("memory: training needs {}, there are {} for each job",
                                 format(needed), format(*options.memory_limit));
    return;
  }
  const TrainedModel trained = train(
      training, dataset, recipe, [&](const TrainingProgress&) { return keep_going(); },
      options.threads);
  if (trained.end == TrainingEnd::kStopped) {
    result.stopped = true;
    return;
  }
  if (trained.end == TrainingEnd::kDiverged) {
    result.failure = "diverged: the loss is no finite number";
    return;
  }
  const PeakRam plan = minimal_peak_ram(deployed(training));
  result.loss = trained.loss;
  result.quantized = quantised(trained.model, dataset, plan.order, options.quantise);
  const Truth truth = truth_of(dataset.validation, dataset);
  if (const auto why = why_unknown(options.objective, truth)) {
    result.failure = fmt::format("objective {}: validation {}", info(options.objective).name, *why);
    return;
  }
  result.val_scores =
      scores(truth, int8_answers(result.quantized, dataset.validation, dataset.normalisation));
  result.val_accuracy = result.val_scores.at(Objective::kAccuracy);
  result.val_score = result.val_scores.at(options.objective);
}

}  // namespace

Evaluation evaluate(const Graph& training, const Dataset& dataset, const EvaluationOptions& options,
                    const std::function<bool()>& keep_going) {
  const auto begin = std::chrono::steady_clock::now();
  Evaluation result;
  try {
    evaluate_into(result, training, dataset, options, keep_going);
  } catch (const std::bad_alloc&) {
    result.failure = "memory: the machine has no more";
  } catch (const std::exception& error) {
    result.failure = error.what();
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  result.seconds = elapsed.count();
  return result;
}

}  // namespace thimble
