#include "thimble/eval/journal.hpp"

namespace thimble {
namespace {

/// Of `extra`; absent where the run goes by accuracy, as all runs did once.
constexpr const char* kScore = "val_score";

Json extra_of(const Trial& trial) {
  Json extra = Json::object();
  if (trial.status == TrialStatus::kEvaluated && trial.val_score) extra[kScore] = *trial.val_score;
  return extra;
}

/// 0 stands for "not measured" in a Usage: no network needs 0 of anything.
template <class T>
std::optional<T> if_measured(T value) {
  return value == T(0) ? std::nullopt : std::optional(value);
}

}  // namespace

TrialRow to_row(const Trial& trial) {
  const bool evaluated = trial.status == TrialStatus::kEvaluated;
  const bool finished = evaluated || trial.status == TrialStatus::kFailed;
  const bool stands_for_a_network = trial.status != TrialStatus::kGivenUp;
  return {.id = trial.id,
          .slot = trial.slot,
          .parent = trial.parent,
          .genotype = stands_for_a_network ? Json(to_json(trial.genotype)) : Json(),
          .hash = trial.hash,
          .status = trial.status,
          .reason = trial.reason,
          .ram = if_measured(trial.usage.ram),
          .flash = if_measured(trial.usage.flash),
          .macs = if_measured(trial.usage.macs),
          .params = if_measured(trial.usage.params),
          .val_accuracy = evaluated ? std::optional(trial.val_accuracy) : std::nullopt,
          .seconds = finished ? std::optional(trial.seconds) : std::nullopt,
          .extra = extra_of(trial)};
}

Trial to_trial(const TrialRow& row) {
  Trial trial{.id = row.id,
              .slot = row.slot,
              .parent = row.parent,
              .hash = row.hash,
              .status = row.status,
              .reason = row.reason,
              .usage = {.ram = row.ram.value_or(Bytes(0)),
                        .flash = row.flash.value_or(Bytes(0)),
                        .macs = row.macs.value_or(Macs(0)),
                        .params = row.params.value_or(0)},
              .val_accuracy = row.val_accuracy.value_or(0),
              .seconds = row.seconds.value_or(0)};
  const std::string place = fmt::format("trial {}", row.id);
  if (const JsonField extra(row.extra, place); extra.has(kScore)) {
    trial.val_score = extra.at(kScore).number();
  }
  if (row.status != TrialStatus::kGivenUp) {
    trial.genotype = genotype_from_json(JsonField(row.genotype, place));
  }
  return trial;
}

std::vector<Trial> read_trials(const Study& study) {
  std::vector<Trial> trials;
  for (const TrialRow& row : study.trials()) trials.push_back(to_trial(row));
  return trials;
}

}  // namespace thimble
