#pragma once

#include <functional>
#include <optional>
#include <string>

#include "thimble/data/dataset.hpp"
#include "thimble/metrics/scores.hpp"
#include "thimble/quant/quantise.hpp"
#include "thimble/train/recipe.hpp"

namespace thimble {

struct EvaluationOptions {
  /// Its seed is that of the run; a network's own comes from it and the network's hash.
  Recipe recipe;
  /// What networks are compared by.
  Objective objective = Objective::kAccuracy;
  QuantiseOptions quantise;
  /// Cores for one network; they change nothing but the time it takes.
  int threads = 1;
  /// A network whose training needs more fails before it allocates; none: whatever the machine
  /// gives.
  std::optional<Bytes> memory_limit;
};

/// What became of one network. Exactly one of three: `stopped`, a `failure`, or figures.
struct Evaluation {
  bool stopped = false;      ///< because the caller said so; there is no result
  std::string failure;       ///< one line; empty: none
  double val_accuracy = 0;   ///< int8, by the bit-exact interpreter, in [0, 1]
  double val_score = 0;      ///< by the objective, of the same answers
  Scores val_scores;         ///< by all that the validation split can tell
  double loss = 0;           ///< of the last epoch of training
  double seconds = 0;        ///< wall-clock
  QuantizedModel quantized;  ///< operators in the order of the smallest peak RAM
};

/// Trains a classifier, quantises it and scores it on the validation split, on the calling thread.
/// Never throws for what the network does (it diverges, needs too much memory, meets a ModelError)
/// nor where the split cannot tell the objective (`why_unknown`): that is a `failure`. `keep_going`
/// is asked now and then; false stops.
Evaluation evaluate(const Graph& training, const Dataset& dataset, const EvaluationOptions& options,
                    const std::function<bool()>& keep_going);

}  // namespace thimble
