#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "thimble/core/json.hpp"
#include "thimble/core/trial_status.hpp"
#include "thimble/core/units.hpp"

namespace thimble {

/// One proposal of a search as a study keeps it. What is not known (yet) is absent.
struct TrialRow {
  std::int64_t id = 0;                 ///< 0, 1, 2, … in the order of proposal
  std::int64_t slot = 0;               ///< number of the evaluation that it was proposed for
  std::optional<std::int64_t> parent;  ///< id of the trial that it is a mutation of
  Json genotype;                       ///< null for a slot that was given up
  std::uint64_t hash = 0;              ///< canonical hash of its graph
  TrialStatus status = TrialStatus::kRunning;
  std::string reason;  ///< one line: why rejected, failed or given up
  std::optional<Bytes> ram;
  std::optional<Bytes> flash;
  std::optional<Macs> macs;
  std::optional<std::int64_t> params;
  std::optional<double> val_accuracy;    ///< int8, validation split, in [0, 1]
  std::optional<double> float_accuracy;  ///< before quantisation
  std::optional<double> seconds;         ///< of training and scoring
  Json extra = Json::object();           ///< whatever else the evaluation wants to keep

  bool operator==(const TrialRow&) const = default;
};

/// A network of the front that was trained again after the search.
struct RetrainedRow {
  std::string round;  ///< which training: `heat`, `final`
  std::int64_t trial = 0;
  Json result;  ///< accuracies, files, why it failed

  bool operator==(const RetrainedRow&) const = default;
};

}  // namespace thimble
