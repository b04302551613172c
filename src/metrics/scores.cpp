#include "thimble/metrics/scores.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "thimble/metrics/anomaly.hpp"
#include "thimble/metrics/roc.hpp"

namespace thimble {
namespace {

constexpr std::array<ObjectiveInfo, 5> kObjectives{{
    {Objective::kAccuracy, "accuracy", "accuracy", "accuracy",
     "the share of samples that are classified rightly"},
    {Objective::kBalancedAccuracy, "balanced-accuracy", "balanced_accuracy", "balanced accuracy",
     "the mean of that share over the classes, however many samples each has"},
    {Objective::kMacroF1, "macro-f1", "macro_f1", "macro F1",
     "the mean over the classes of F1, in which wrong answers count for what they say, too"},
    {Objective::kAuc, "auc", "auc", "AUC",
     "how well probabilities rank: the area under the ROC, of class 1, of each class against the "
     "rest, or of anomalies"},
    {Objective::kPartialAuc, "pauc", "pauc", "pAUC",
     "the same up to a false-positive rate of 0.1, standardised"},
}};

/// The areas of all problems of telling one kind from another that a split holds; their mean is the
/// split's.
class MeanArea {
 public:
  void add(double auc, double pauc) {
    auc_ += auc;
    pauc_ += pauc;
    ++count_;
  }
  void put_into(Scores& scores) const {
    if (count_ == 0) return;
    scores[Objective::kAuc] = auc_ / count_;
    scores[Objective::kPartialAuc] = pauc_ / count_;
  }

 private:
  double auc_ = 0;
  double pauc_ = 0;
  int count_ = 0;
};

void add_class(const Truth& truth, const Answers& answers, std::size_t positive, MeanArea& mean) {
  const auto classes = static_cast<std::size_t>(truth.classes);
  std::vector<double> scores;
  std::vector<std::uint8_t> is_positive;
  for (std::size_t i = 0; i < truth.labels.size(); ++i) {
    scores.push_back(answers.log_probabilities[i * classes + positive]);
    is_positive.push_back(static_cast<std::size_t>(truth.labels[i]) == positive ? 1 : 0);
  }
  const auto auc = roc_auc(scores, is_positive);
  const auto pauc = partial_roc_auc(scores, is_positive, kPartialRate);
  if (auc && pauc) mean.add(*auc, *pauc);
}

void add_areas(const Truth& truth, const Answers& answers, Scores& scores) {
  MeanArea mean;
  if (truth.detects_anomalies) {
    for (const MachineScore& each : machine_scores(truth, answers)) mean.add(each.auc, each.pauc);
  } else if (!answers.log_probabilities.empty()) {
    const std::size_t first = truth.classes == 2 ? 1 : 0;
    for (std::size_t c = first; c < static_cast<std::size_t>(truth.classes); ++c) {
      add_class(truth, answers, c, mean);
    }
  }
  mean.put_into(scores);
}

}  // namespace

std::span<const ObjectiveInfo> all_objectives() { return kObjectives; }

const ObjectiveInfo& info(Objective objective) {
  return *std::ranges::find(kObjectives, objective, &ObjectiveInfo::objective);
}

std::optional<Objective> parse_objective(std::string_view name) {
  const auto found = std::ranges::find(kObjectives, name, &ObjectiveInfo::name);
  if (found == kObjectives.end()) return std::nullopt;
  return found->objective;
}

ConfusionMatrix confusion_matrix(const Truth& truth, const Answers& answers) {
  if (truth.anomalous.empty()) {
    return confusion_matrix(truth.labels, answers.predicted, truth.classes);
  }
  std::vector<std::int32_t> labels;
  std::vector<std::int32_t> predicted;
  for (std::size_t i = 0; i < truth.labels.size(); ++i) {
    if (truth.anomalous[i] != 0) continue;
    labels.push_back(truth.labels[i]);
    predicted.push_back(answers.predicted[i]);
  }
  return confusion_matrix(labels, predicted, truth.classes);
}

Scores scores(const Truth& truth, const Answers& answers) {
  Scores result;
  if (!answers.predicted.empty()) {
    const ConfusionMatrix matrix = confusion_matrix(truth, answers);
    result[Objective::kAccuracy] = accuracy(matrix);
    result[Objective::kBalancedAccuracy] = balanced_accuracy(matrix);
    result[Objective::kMacroF1] = macro_f1(matrix);
  }
  add_areas(truth, answers, result);
  return result;
}

std::optional<std::string> why_unknown(Objective objective, const Truth& truth) {
  if (truth.labels.empty()) return "has no samples";
  if (objective != Objective::kAuc && objective != Objective::kPartialAuc) return std::nullopt;
  if (!truth.detects_anomalies) {
    const auto [least, most] = std::ranges::minmax(truth.labels);
    if (least == most) return "has samples of one class only";
    return std::nullopt;
  }
  std::set<std::int32_t> normal;
  std::set<std::int32_t> anomalous;
  for (std::size_t i = 0; i < truth.labels.size(); ++i) {
    const bool broken = !truth.anomalous.empty() && truth.anomalous[i] != 0;
    (broken ? anomalous : normal).insert(truth.labels[i]);
  }
  if (anomalous.empty()) return "has no anomalous sample";
  const bool both = std::ranges::any_of(anomalous, [&](auto id) { return normal.contains(id); });
  if (!both) return "has no machine with both normal and anomalous samples";
  return std::nullopt;
}

OrderedJson to_json(const Scores& scores) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [objective, score] : scores) json[std::string(info(objective).key)] = score;
  return json;
}

Scores scores_from_json(const JsonField& field) {
  Scores scores;
  for (const ObjectiveInfo& each : kObjectives) {
    if (field.has(each.key)) scores[each.objective] = field.at(each.key).number();
  }
  return scores;
}

}  // namespace thimble
