#pragma once

#include <optional>
#include <string>
#include <vector>

#include "thimble/core/json.hpp"
#include "thimble/footprint/budget.hpp"
#include "thimble/metrics/anomaly.hpp"
#include "thimble/metrics/scores.hpp"

namespace thimble {

/// A network of a run's front. Scores are int8, in [0, 1]; a finalist's are those of its exported
/// file.
struct FrontEntry {
  std::int64_t trial = 0;
  double val_accuracy = 0;
  double val_score = 0;                 ///< by the run's objective
  std::optional<double> test_accuracy;  ///< finalists only: the test split is looked at once
  /// Of a finalist, all that the splits can tell; else empty.
  Scores val_scores = {};
  Scores test_scores = {};
  std::vector<MachineScore> machines = {};  ///< of the test split, where anomalies are asked for
  Usage usage;
  bool finalist = false;
  std::string model;  ///< path of the .tflite; empty unless a finalist
};

/// What `thimble search` answers.
struct RunSummary {
  std::string run;
  std::string data;
  std::string device;  ///< empty: none
  std::string target;  ///< of TensorFlow Lite Micro, whose memory the budget means; empty: ideal
  /// What the run went by.
  Objective objective = Objective::kAccuracy;
  Budget budget;
  /// RAM and flash that the front end takes beside each network, whose figures are its own alone.
  std::optional<Usage> front_end;
  std::int64_t evaluated = 0;
  std::int64_t rejected = 0;  ///< over budget, seen before or passed over
  std::int64_t failed = 0;
  double seconds = 0;             ///< wall-clock, all sessions of the run together
  std::vector<FrontEntry> front;  ///< best first
};

/// The document of `--json` and `front.json`, schema 1.
OrderedJson to_json(const RunSummary& summary);

/// The front as a table for people, with a line above it that tells of the trials. `color` marks
/// the finalists.
std::string to_text(const RunSummary& summary, bool color);

}  // namespace thimble
