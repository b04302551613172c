#include "thimble/metrics/anomaly.hpp"

#include <map>

#include "thimble/core/error.hpp"
#include "thimble/metrics/roc.hpp"

namespace thimble {

std::vector<double> anomaly_scores(const Truth& truth, const Answers& answers) {
  if (!answers.errors.empty()) return answers.errors;
  const auto classes = static_cast<std::size_t>(truth.classes);
  THIMBLE_ASSERT(answers.log_probabilities.size() == truth.labels.size() * classes);
  std::vector<double> scores;
  for (std::size_t i = 0; i < truth.labels.size(); ++i) {
    scores.push_back(
        -answers.log_probabilities[i * classes + static_cast<std::size_t>(truth.labels[i])]);
  }
  return scores;
}

std::vector<ScoredClip> scored_clips(const Truth& truth, const Answers& answers) {
  const std::vector<double> scores = anomaly_scores(truth, answers);
  std::vector<ScoredClip> clips;
  std::vector<std::size_t> windows;
  std::map<std::int32_t, std::size_t> places;  // by the number of the clip
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::size_t place = clips.size();
    if (!truth.clips.empty()) place = places.try_emplace(truth.clips[i], place).first->second;
    const bool anomalous = !truth.anomalous.empty() && truth.anomalous[i] != 0;
    if (place == clips.size()) {
      clips.push_back({.machine = truth.labels[i], .anomalous = anomalous});
      windows.push_back(0);
    }
    ScoredClip& clip = clips[place];
    THIMBLE_ASSERT(clip.machine == truth.labels[i] && clip.anomalous == anomalous);
    clip.score += scores[i];
    ++windows[place];
  }
  for (std::size_t c = 0; c < clips.size(); ++c) {
    clips[c].score /= static_cast<double>(windows[c]);
  }
  return clips;
}

std::vector<MachineScore> machine_scores(const Truth& truth, const Answers& answers) {
  struct Clips {
    std::vector<double> scores;
    std::vector<std::uint8_t> anomalous;
  };
  std::map<std::int32_t, Clips> by_machine;
  for (const ScoredClip& clip : scored_clips(truth, answers)) {
    Clips& clips = by_machine[clip.machine];
    clips.scores.push_back(clip.score);
    clips.anomalous.push_back(clip.anomalous ? 1 : 0);
  }
  std::vector<MachineScore> machines;
  for (const auto& [machine, clips] : by_machine) {
    const auto auc = roc_auc(clips.scores, clips.anomalous);
    const auto pauc = partial_roc_auc(clips.scores, clips.anomalous, kPartialRate);
    if (!auc || !pauc) continue;
    MachineScore score{.machine = machine, .auc = *auc, .pauc = *pauc};
    for (const std::uint8_t anomalous : clips.anomalous) {
      ++(anomalous != 0 ? score.anomalous : score.normal);
    }
    machines.push_back(score);
  }
  return machines;
}

OrderedJson to_json(const std::vector<MachineScore>& machines) {
  OrderedJson list = OrderedJson::array();
  for (const MachineScore& each : machines) {
    list.push_back({{"machine", each.machine},
                    {"normal", each.normal},
                    {"anomalous", each.anomalous},
                    {"auc", each.auc},
                    {"pauc", each.pauc}});
  }
  return list;
}

std::vector<MachineScore> machine_scores_from_json(const JsonField& field) {
  std::vector<MachineScore> machines;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const JsonField each = field.at(i);
    machines.push_back({.machine = static_cast<int>(each.at("machine").integer(0, 1 << 30)),
                        .normal = each.at("normal").integer(1),
                        .anomalous = each.at("anomalous").integer(1),
                        .auc = each.at("auc").number(),
                        .pauc = each.at("pauc").number()});
  }
  return machines;
}

}  // namespace thimble
