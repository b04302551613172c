#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "thimble/eval/evaluation.hpp"
#include "thimble/eval/runtime.hpp"
#include "thimble/search/screen.hpp"
#include "thimble/search/trial.hpp"

namespace thimble {

/// A file that goes beside each network of a run: the names of its classes, its front end.
struct CompanionFile {
  std::string name;
  std::string text;
};

/// What networks of a search are trained again with.
struct Retraining {
  const Screen& screen;
  const Dataset& dataset;
  Runtime runtime = {};  ///< whose the screen is: files are made for it
  /// `threads` is set here: a network gets as many cores as its batches have shards, and as many
  /// networks train at once as there are cores for.
  EvaluationOptions options;
  int jobs = 1;  ///< cores
  std::vector<CompanionFile> companions = {};
};

/// Told how many networks are done; false stops.
using RetrainingObserver = std::function<bool(std::size_t done)>;

/// Trains each of the trials and hands it over with what became of it, one after another on the
/// calling thread, in the order in which they finish. Returns false when the observer stopped it;
/// what was in training then is lost.
bool retrain(std::span<const Trial> trials, const Retraining& with,
             const std::function<void(const Trial&, const Evaluation&)>& take,
             const RetrainingObserver& observer);

}  // namespace thimble
