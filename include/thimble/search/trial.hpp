#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "thimble/core/trial_status.hpp"
#include "thimble/footprint/budget.hpp"
#include "thimble/space/search_space.hpp"

namespace thimble {

/// One proposal of a search and what became of it.
struct Trial {
  std::int64_t id = 0;                 ///< 0, 1, 2, … in the order of proposal
  std::int64_t slot = 0;               ///< number of the evaluation that it was proposed for
  std::optional<std::int64_t> parent;  ///< id of the trial that it is a mutation of
  Genotype genotype;                   ///< means nothing when given up
  std::uint64_t hash = 0;              ///< canonical hash of its training graph
  TrialStatus status = TrialStatus::kRunning;
  std::string reason;  ///< one line: why rejected, failed or given up
  /// What it needs. Of a rejected trial the figures behind the broken bound are not measured and 0
  /// (no network needs 0 of anything); of a duplicate and a given up one, none is.
  Usage usage;
  double val_accuracy = 0;  ///< int8, validation split, in [0, 1]; known when evaluated
  /// What the run goes by where that is something else, of the same answers, in [0, 1].
  std::optional<double> val_score;
  std::optional<double> float_accuracy;  ///< before quantisation, validation split
  double seconds = 0;                    ///< of training and scoring

  /// What a search goes by.
  double score() const { return val_score.value_or(val_accuracy); }
  /// What a search minimises: 1 − score, and 1 for a network that failed.
  double error() const { return status == TrialStatus::kEvaluated ? 1 - score() : 1; }

  bool operator==(const Trial&) const = default;
};

}  // namespace thimble
