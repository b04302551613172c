#include "thimble/eval/heats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "thimble/core/json.hpp"

namespace thimble {
namespace {

constexpr const char* kHeatRound = "heat";

struct Heat {
  double score = 0;
  std::string failure;  ///< empty: none
};

std::map<std::int64_t, Heat> read_heats(const Study& study) {
  std::map<std::int64_t, Heat> heats;
  for (const RetrainedRow& row : study.retrained(kHeatRound)) {
    const JsonField field(row.result, fmt::format("heat {}", row.trial));
    // Runs of once went by accuracy and had no score.
    heats[row.trial] = {
        .score = field.at(field.has("val_score") ? "val_score" : "val_accuracy").number(),
        .failure = field.at("failure").text()};
  }
  return heats;
}

std::vector<Trial> first(std::span<const Trial> front, int count) {
  const std::size_t chosen = std::min(front.size(), static_cast<std::size_t>(count));
  return {front.begin(), front.begin() + static_cast<std::ptrdiff_t>(chosen)};
}

}  // namespace

std::optional<std::vector<Trial>> choose_finalists(Study& study, std::span<const Trial> front,
                                                   int entrants, int winners,
                                                   const Retraining& with,
                                                   const RetrainingObserver& observer) {
  std::vector<Trial> ranking = first(front, std::max(entrants, winners));
  if (winners == 0 || ranking.size() <= static_cast<std::size_t>(winners)) {
    return first(front, winners);
  }
  const std::map<std::int64_t, Heat> known = read_heats(study);
  std::vector<Trial> waiting;
  std::ranges::copy_if(ranking, std::back_inserter(waiting),
                       [&](const Trial& trial) { return !known.contains(trial.id); });
  const std::size_t done_before = ranking.size() - waiting.size();
  const bool all = retrain(
      waiting, with,
      [&](const Trial& trial, const Evaluation& evaluation) {
        study.set_retrained({.round = kHeatRound,
                             .trial = trial.id,
                             .result = {{"val_accuracy", evaluation.val_accuracy},
                                        {"val_score", evaluation.val_score},
                                        {"failure", evaluation.failure}}});
      },
      [&](std::size_t done) { return observer(done_before + done); });
  if (!all) return std::nullopt;

  const std::map<std::int64_t, Heat> heats = read_heats(study);
  std::erase_if(ranking, [&](const Trial& trial) { return !heats.at(trial.id).failure.empty(); });
  std::ranges::stable_sort(ranking, std::greater{},
                           [&](const Trial& trial) { return heats.at(trial.id).score; });
  return first(ranking, winners);
}

}  // namespace thimble
