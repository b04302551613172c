#pragma once

#include "thimble/core/rng.hpp"
#include "thimble/data/dataset.hpp"

namespace thimble {

/// Grey images in three classes (or two): a bright row, a bright column, noise alone. A few filters
/// tell them apart.
inline Samples bars(int count, int classes, int side, Rng rng) {
  Samples samples{.shape = {side, side, 1}};
  for (int i = 0; i < count; ++i) {
    const int label = i % classes;
    const auto at = rng.uniform_int(1, side - 2);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const bool bright = (label == 0 && y == at) || (label == 1 && x == at);
        samples.pixels.push_back(
            static_cast<std::uint8_t>(rng.uniform_int(0, 60) + (bright ? 150 : 0)));
      }
    }
    samples.labels.push_back(label);
  }
  return samples;
}

inline Dataset bars_dataset(int classes = 3, int train = 600, int side = 10) {
  const Rng rng(1);
  Dataset set{.name = "bars", .classes = classes};
  set.train = bars(train, classes, side, rng.fork(0));
  set.validation = bars(150, classes, side, rng.fork(1));
  set.test = bars(150, classes, side, rng.fork(2));
  set.normalisation = measure_normalisation(set.train);
  return set;
}

}  // namespace thimble
