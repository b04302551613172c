#include "thimble/eval/finalists.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/train/int8_score.hpp"

namespace thimble {
namespace {

constexpr const char* kFinalRound = "final";

/// Accuracies stand beside the scores, for programs that know nothing else.
constexpr const char* kValAccuracy = "val_accuracy";
constexpr const char* kTestAccuracy = "test_accuracy";

double accuracy_in(const Scores& scores) {
  const auto found = scores.find(Objective::kAccuracy);
  return found == scores.end() ? 0 : found->second;
}

RetrainedRow to_row(const Finalist& finalist) {
  return {.round = kFinalRound,
          .trial = finalist.trial,
          .result = {{kValAccuracy, accuracy_in(finalist.val_scores)},
                     {kTestAccuracy, accuracy_in(finalist.test_scores)},
                     {"val_scores", to_json(finalist.val_scores)},
                     {"test_scores", to_json(finalist.test_scores)},
                     {"machines", to_json(finalist.machines)},
                     {"model", finalist.model},
                     {"failure", finalist.failure}}};
}

/// Rows of once have accuracies alone.
Scores scores_in(const JsonField& row, std::string_view scores, std::string_view accuracy) {
  if (row.has(scores)) return scores_from_json(row.at(scores));
  return {{Objective::kAccuracy, row.at(accuracy).number()}};
}

Finalist to_finalist(const RetrainedRow& row) {
  const JsonField field(row.result, fmt::format("finalist {}", row.trial));
  return {.trial = row.trial,
          .val_scores = scores_in(field, "val_scores", kValAccuracy),
          .test_scores = scores_in(field, "test_scores", kTestAccuracy),
          .machines = field.has("machines") ? machine_scores_from_json(field.at("machines"))
                                            : std::vector<MachineScore>(),
          .model = field.at("model").text(),
          .failure = field.at("failure").text()};
}

/// The finalist that an evaluation makes, its files in RUN/TRIAL. One that breaks its promise is a
/// failure of its own: the others can still be had.
Finalist exported(const Trial& trial, const Evaluation& evaluation, const Retraining& with,
                  const std::filesystem::path& run) {
  if (!evaluation.failure.empty()) return {.trial = trial.id, .failure = evaluation.failure};
  const std::filesystem::path folder = std::to_string(trial.id);
  try {
    export_model(evaluation.quantized, trial, with.screen, with.runtime, with.companions,
                 run / folder);
  } catch (const ModelError& error) {
    return {.trial = trial.id, .failure = error.what()};
  }
  const Dataset& dataset = with.dataset;
  const Truth truth = truth_of(dataset.test, dataset);
  const Answers answers = int8_answers(evaluation.quantized, dataset.test, dataset.normalisation);
  return {.trial = trial.id,
          .val_scores = evaluation.val_scores,
          .test_scores = scores(truth, answers),
          .machines = truth.detects_anomalies ? machine_scores(truth, answers)
                                              : std::vector<MachineScore>(),
          .model = (folder / "model.tflite").string()};
}

}  // namespace

std::vector<Finalist> read_finalists(const Study& study) {
  std::vector<Finalist> finalists;
  for (const RetrainedRow& row : study.retrained(kFinalRound))
    finalists.push_back(to_finalist(row));
  return finalists;
}

void export_model(const QuantizedModel& model, const Trial& trial, const Screen& screen,
                  const Runtime& runtime, std::span<const CompanionFile> companions,
                  const std::filesystem::path& folder) {
  const auto file = exported_file(runtime, model);
  const Usage promised = screen.measure(screen.graph(trial.genotype));
  const Bytes promised_file = promised.flash - screen.runtime_code();
  if (static_cast<std::int64_t>(file.size()) != promised_file.value) {
    raise<ModelError>("trial {}: the .tflite has {} bytes: {} were promised", trial.id, file.size(),
                      promised_file.value);
  }
  if (const auto violation = first_violation(promised, screen.budget())) {
    raise<ModelError>("trial {}: {}", trial.id, describe(*violation));
  }
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) raise<DataError>("{}: cannot be made: {}", folder.string(), failure.message());
  for (const CompanionFile& companion : companions) {
    write_file(folder / companion.name, companion.text);
  }
  write_file(folder / "genotype.json", to_json(trial.genotype).dump(2) + "\n");
  write_file(folder / "model.tflite", file);
}

bool retrain_finalists(Study& study, std::span<const Trial> chosen, const Retraining& with,
                       const std::filesystem::path& run, const RetrainingObserver& observer) {
  const std::vector<Finalist> known = read_finalists(study);
  std::vector<Trial> waiting;
  std::ranges::copy_if(chosen, std::back_inserter(waiting), [&](const Trial& trial) {
    return std::ranges::find(known, trial.id, &Finalist::trial) == known.end();
  });
  const std::size_t done_before = chosen.size() - waiting.size();
  return retrain(
      waiting, with,
      [&](const Trial& trial, const Evaluation& evaluation) {
        study.set_retrained(to_row(exported(trial, evaluation, with, run)));
      },
      [&](std::size_t done) { return observer(done_before + done); });
}

}  // namespace thimble
