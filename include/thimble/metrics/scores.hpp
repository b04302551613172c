#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "thimble/core/json.hpp"
#include "thimble/metrics/answers.hpp"
#include "thimble/metrics/confusion.hpp"

namespace thimble {

/// What networks can be judged by; each in [0, 1], more is better.
enum class Objective { kAccuracy, kBalancedAccuracy, kMacroF1, kAuc, kPartialAuc };

struct ObjectiveInfo {
  Objective objective;
  std::string_view name;         ///< on the command line: `balanced-accuracy`
  std::string_view key;          ///< in JSON: `balanced_accuracy`
  std::string_view title;        ///< in tables: `balanced accuracy`
  std::string_view description;  ///< one line for people
};

/// All of them, the default first.
std::span<const ObjectiveInfo> all_objectives();
const ObjectiveInfo& info(Objective objective);
/// The objective of this name; nothing when there is none.
std::optional<Objective> parse_objective(std::string_view name);

/// What is known of a network on a split.
using Scores = std::map<Objective, double>;

/// Of a classifier: what it takes for what. Where anomalies are asked for, of the samples that are
/// none, for which machine a broken one sounds like is no question.
ConfusionMatrix confusion_matrix(const Truth& truth, const Answers& answers);

/// All that the split can tell:
/// - of a classifier accuracy, balanced accuracy and macro F1 of that matrix;
/// - area and partial area (up to kPartialRate) under the ROC: of two classes, of class 1 by its
///   probability; of more, the mean over the classes that some samples have and others have not, of
///   each class against the rest by its probability; where anomalies are asked for, the mean over
///   the machines of `machine_scores`.
Scores scores(const Truth& truth, const Answers& answers);

/// Why no classifier has this score on such a split, as the end of a complaint: "has no anomalous
/// sample"; nothing: it has one.
std::optional<std::string> why_unknown(Objective objective, const Truth& truth);

/// `{"accuracy": 0.91, …}`, and back. The latter throws ConfigError naming the field.
OrderedJson to_json(const Scores& scores);
Scores scores_from_json(const JsonField& field);

}  // namespace thimble
