#include "train_report.hpp"

#include <fmt/format.h>

#include "thimble/report/score_report.hpp"
#include "thimble/train/int8_score.hpp"

namespace thimble::cli {
namespace {

std::optional<double> score_in(const SplitReport& split, Objective objective) {
  const auto found = split.scores.find(objective);
  return found == split.scores.end() ? std::nullopt : std::optional(found->second);
}

OrderedJson or_null(std::optional<double> value) {
  return value ? OrderedJson(*value) : OrderedJson();
}

/// `int8 accuracy 91.20 % validation, 90.85 % test`, of the splits that can tell it.
std::string headline(const TrainReport& report) {
  std::vector<std::string> parts;
  for (const auto& [name, split] :
       {std::pair("validation", &report.validation), std::pair("test", &report.test)}) {
    if (const auto score = score_in(*split, report.objective)) {
      parts.push_back(fmt::format("{:.2f} % {}", 100 * *score, name));
    }
  }
  if (parts.empty()) parts.push_back("unknown to both splits");
  return fmt::format("int8 {} {}", info(report.objective).title, fmt::join(parts, ", "));
}

OrderedJson split_json(const SplitReport& split, const std::vector<std::string>& names) {
  OrderedJson json{{"scores", thimble::to_json(split.scores)}};
  if (!split.machines.empty()) json["machines"] = thimble::to_json(split.machines);
  if (split.confusion) json["confusion"] = confusion_to_json(*split.confusion, names);
  return json;
}

}  // namespace

SplitReport report_on(const QuantizedModel& model, const Samples& split, const Dataset& dataset,
                      Target target) {
  const Truth truth = truth_of(split, dataset);
  const Answers answers = int8_answers(model, split, dataset.normalisation, target);
  SplitReport report{.scores = scores(truth, answers), .machines = {}, .confusion = {}};
  if (truth.detects_anomalies) report.machines = machine_scores(truth, answers);
  if (target == Target::kLabel) report.confusion = confusion_matrix(truth, answers);
  return report;
}

OrderedJson to_json(const TrainReport& report) {
  const auto score = [](const SplitReport& split, Objective objective) {
    return or_null(score_in(split, objective));
  };
  return {{"schema", 1},
          {"model", report.model},
          {"data", report.data},
          {"epochs", report.epochs},
          {"val_accuracy", score(report.validation, Objective::kAccuracy)},
          {"test_accuracy", score(report.test, Objective::kAccuracy)},
          {"objective", info(report.objective).name},
          {"val_score", score(report.validation, report.objective)},
          {"test_score", score(report.test, report.objective)},
          {"ram", report.ram.value},
          {"flash", report.flash.value},
          {"validation", split_json(report.validation, report.class_names)},
          {"test", split_json(report.test, report.class_names)}};
}

std::string to_text(const TrainReport& report, bool confusion) {
  std::string text = fmt::format("{} on {}: {}; RAM {}, flash {}\n\n", report.model, report.data,
                                 headline(report), format(report.ram), format(report.flash));
  text += scores_to_text(report.validation.scores, report.test.scores);
  if (!report.test.machines.empty()) {
    text += "\n" + machines_to_text(report.test.machines, report.class_names);
  }
  if (confusion && report.test.confusion) {
    text += "\nthe test split, a row for each class, a column for each answer\n" +
            confusion_to_text(*report.test.confusion, report.class_names);
  }
  return text;
}

}  // namespace thimble::cli
