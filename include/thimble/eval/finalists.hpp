#pragma once

#include <filesystem>
#include <vector>

#include "thimble/eval/retraining.hpp"
#include "thimble/metrics/anomaly.hpp"
#include "thimble/study/study.hpp"

namespace thimble {

/// A network of the front, trained with the final recipe and exported.
struct Finalist {
  std::int64_t trial = 0;
  /// int8, of the exported file; the test split is looked at here and nowhere else. Both have the
  /// accuracy; what a split cannot tell is absent.
  Scores val_scores = {};
  Scores test_scores = {};
  /// Of the test split, where anomalies are asked for.
  std::vector<MachineScore> machines = {};
  std::string model;    ///< path of the .tflite, relative to the run folder
  std::string failure;  ///< why there is none; empty: there is one

  bool operator==(const Finalist&) const = default;
};

/// All that a study has of them, by trial.
std::vector<Finalist> read_finalists(const Study& study);

/// A trained network as files for the screen's runtime: `model.tflite`, `genotype.json` and the
/// companions in `folder`, which is made if need be; the model comes last. Throws ModelError when
/// the file is not of the promised size or breaks the budget, DataError when it cannot be written.
void export_model(const QuantizedModel& model, const Trial& trial, const Screen& screen,
                  const Runtime& runtime, std::span<const CompanionFile> companions,
                  const std::filesystem::path& folder);

/// Trains the chosen trials that the study does not have as finalists yet, scores them on the test
/// split and exports each into RUN/TRIAL. Returns false when the observer stopped it; the study
/// keeps what was done.
bool retrain_finalists(Study& study, std::span<const Trial> chosen, const Retraining& with,
                       const std::filesystem::path& run, const RetrainingObserver& observer);

}  // namespace thimble
