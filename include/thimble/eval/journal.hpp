#pragma once

#include <vector>

#include "thimble/search/trial.hpp"
#include "thimble/study/study.hpp"

namespace thimble {

/// A trial as a study keeps it, and back. Figures that a trial does not have (behind a broken
/// bound, of a network not yet trained) are absent from its row.
TrialRow to_row(const Trial& trial);
/// Throws ConfigError naming the row when its genotype is none.
Trial to_trial(const TrialRow& row);

/// All trials of a study by id.
std::vector<Trial> read_trials(const Study& study);

}  // namespace thimble
