#pragma once

#include <cmath>
#include <numbers>

#include "thimble/core/rng.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble {

/// Windows of what machines sound like, 4 frames of 8 bands: each machine has a spectrum of its
/// own, louder here and softer there; of every two clips with `anomalies` one is of a machine that
/// sounds like the next one as well and has a band too much.
inline Samples machines(int count, int classes, bool anomalies, Rng rng) {
  Samples samples{.shape = {4, 8, 1}};
  for (int i = 0; i < count; ++i) {
    const int machine = i % classes;
    const bool anomalous = anomalies && i / classes % 2 == 1;
    const auto broken = rng.uniform_int(0, 7);
    const double loud = rng.uniform(0.8, 1.2);
    for (int frame = 0; frame < 4; ++frame) {
      for (int band = 0; band < 8; ++band) {
        const auto spectrum = [&](int of) {
          return 2 * std::cos(std::numbers::pi * (of + 1) * band / 8);
        };
        double value = spectrum(machine) * loud;
        if (anomalous) value += spectrum((machine + 1) % classes) + (band == broken ? 4 : 0);
        samples.values.push_back(static_cast<float>(value + 0.3 * rng.normal()));
      }
    }
    samples.labels.push_back(machine);
    samples.anomalous.push_back(anomalous ? 1 : 0);
  }
  return samples;
}

/// As DCASE's sets are: nothing but what is normal to learn from and to select by.
inline Dataset machines_dataset(int classes = 3) {
  const Rng rng(6);
  Dataset set{.name = "machines", .classes = classes};
  for (int c = 0; c < classes; ++c) set.class_names.push_back("id_0" + std::to_string(c));
  set.train = machines(300, classes, false, rng.fork(0));
  set.validation = machines(90, classes, false, rng.fork(1));
  set.test = machines(180, classes, true, rng.fork(2));
  set.normalisation = measure_normalisation(set.train);
  return set;
}

}  // namespace thimble
