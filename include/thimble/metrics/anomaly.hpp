#pragma once

#include <vector>

#include "thimble/core/json.hpp"
#include "thimble/metrics/answers.hpp"

namespace thimble {

/// How unlike what is as it should be each sample is, [N], higher for less alike: the error of a
/// network that rebuilds its input, or −log of the probability that a classifier of machines gives
/// to the sample's own machine.
std::vector<double> anomaly_scores(const Truth& truth, const Answers& answers);

/// A recording and the mean score of its windows.
struct ScoredClip {
  std::int32_t machine = 0;
  bool anomalous = false;
  double score = 0;
};

/// In the order of their first windows. All windows of a clip are of one machine and alike in
/// whether they are anomalous.
std::vector<ScoredClip> scored_clips(const Truth& truth, const Answers& answers);

/// False-positive rate up to which the partial area counts in DCASE 2020, task 2.
inline constexpr double kPartialRate = 0.1;

/// How well anomalous clips of one machine are told from its others, by their scores.
struct MachineScore {
  int machine = 0;
  std::int64_t normal = 0;     ///< clips
  std::int64_t anomalous = 0;  ///< clips
  double auc = 0;
  double pauc = 0;  ///< up to kPartialRate

  bool operator==(const MachineScore&) const = default;
};

/// Of the machines that have clips of both kinds, by number.
std::vector<MachineScore> machine_scores(const Truth& truth, const Answers& answers);

OrderedJson to_json(const std::vector<MachineScore>& machines);
/// The reverse. Throws ConfigError naming the field.
std::vector<MachineScore> machine_scores_from_json(const JsonField& field);

}  // namespace thimble
