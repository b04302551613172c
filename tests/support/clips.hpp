#pragma once

#include <cmath>

#include "thimble/core/rng.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble {

/// Clips of sound in classes: a tone, of class c about c + 1 octaves above 250 Hz at 8 kHz, as loud
/// as chance has it, over a little noise.
inline Samples tones(int count, int classes, int length, Rng rng) {
  Samples samples{.shape = {1, length, 1}};
  for (int i = 0; i < count; ++i) {
    const int label = i % classes;
    const double turn = 0.19635 * std::exp2(label + rng.uniform(0.8, 1.2));
    const double loud = std::exp2(rng.uniform(9, 14));
    for (int t = 0; t < length; ++t) {
      const double value = loud * std::sin(turn * t) + 20 * rng.normal();
      samples.sound.push_back(static_cast<std::int16_t>(std::lround(value)));
    }
    samples.labels.push_back(label);
  }
  return samples;
}

inline Dataset tones_dataset(int classes = 3, int train = 60, int length = 1200) {
  const Rng rng(3);
  Dataset set{.name = "tones", .classes = classes};
  set.train = tones(train, classes, length, rng.fork(0));
  set.validation = tones(24, classes, length, rng.fork(1));
  set.test = tones(24, classes, length, rng.fork(2));
  set.normalisation = measure_normalisation(set.train);
  return set;
}

}  // namespace thimble
