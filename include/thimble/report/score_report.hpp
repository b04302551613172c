#pragma once

#include <span>
#include <string>

#include "thimble/core/json.hpp"
#include "thimble/metrics/anomaly.hpp"
#include "thimble/metrics/confusion.hpp"
#include "thimble/metrics/scores.hpp"

namespace thimble {

/// A line for each score that one of two splits can tell, in percent.
std::string scores_to_text(const Scores& validation, const Scores& test);

/// A line for each machine: its name, clips of both kinds, areas in percent. `names`: of all
/// classes.
std::string machines_to_text(std::span<const MachineScore> machines,
                             std::span<const std::string> names);

/// So many classes are shown as a matrix; of more, the pairs that are confused most.
inline constexpr int kMostShownClasses = 20;
inline constexpr std::size_t kShownConfusions = 10;

/// The matrix, a row for each true class with its name, a column for each answer with its number, a
/// dot for 0. `names`: of all classes.
std::string confusion_to_text(const ConfusionMatrix& matrix, std::span<const std::string> names);

/// `{"classes": [names], "counts": [[…], …]}`, a row for each true class.
OrderedJson confusion_to_json(const ConfusionMatrix& matrix, std::span<const std::string> names);

}  // namespace thimble
