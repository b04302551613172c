#pragma once

#include <optional>
#include <string>
#include <vector>

#include "thimble/core/units.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/metrics/anomaly.hpp"
#include "thimble/metrics/scores.hpp"
#include "thimble/quant/quantized_model.hpp"
#include "thimble/train/recipe.hpp"

namespace thimble::cli {

/// All that a split tells of an int8 network.
struct SplitReport {
  Scores scores;
  std::vector<MachineScore> machines;        ///< where anomalies are asked for
  std::optional<ConfusionMatrix> confusion;  ///< of a classifier
};

SplitReport report_on(const QuantizedModel& model, const Samples& split, const Dataset& dataset,
                      Target target);

/// What `thimble train` answers.
struct TrainReport {
  std::string model;
  std::string data;
  std::vector<std::string> class_names;
  int epochs = 0;
  Objective objective = Objective::kAccuracy;
  SplitReport validation;
  SplitReport test;
  Bytes ram;
  Bytes flash;
};

/// The document of `--json`, schema 1; a score that a split cannot tell is null.
OrderedJson to_json(const TrainReport& report);

/// A line that says it all, then the scores; with `confusion` what of the test split is taken for
/// what.
std::string to_text(const TrainReport& report, bool confusion);

}  // namespace thimble::cli
