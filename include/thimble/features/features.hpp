#pragma once

#include <cstdint>
#include <vector>

#include "thimble/data/dataset.hpp"
#include "thimble/frontend/settings.hpp"

namespace thimble::features {

/// Other versions of the training clips, whose samples are varied before the front end sees them.
struct VersionOptions {
  /// What is done to them; each gets `count` versions of every clip, an int8 feature map each.
  std::vector<WaveformPolicy> waveforms = {};
  int count = 3;
  std::uint64_t seed = 0;
};

/// The set with its clips of sound replaced by what the device's front end makes of them
/// (`frontend::FixedFrontend`), int8 of shape [frames, width, 1]. The normalisation is measured on
/// the training split, its mean rounded to a whole number: an int8 input of scale 1 / stddev and
/// zero point mean is the front end's output, q for q. Clips are shared among `workers` threads;
/// their number changes nothing but the time it takes. Version k of training clip i comes from
/// `varied_clip` with the source Rng(seed).fork(i).fork(k) and the set's own recordings of noise,
/// or made noise where it has none (data/waveform.hpp). Throws DataError for a set without sound in
/// 16 bits and for clips of another length than the settings', ConfigError as `check` does.
Dataset with_features(Dataset dataset, const frontend::Settings& settings, int workers = 1,
                      const VersionOptions& versions = {});

}  // namespace thimble::features
