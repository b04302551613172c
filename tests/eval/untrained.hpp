#pragma once

#include "thimble/engine/engine.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/quant/quantise.hpp"

namespace thimble {

/// A genotype's network with the weights that training would begin with, quantised by random
/// samples and in the order of the smallest peak: all that a search does to it but the training
/// itself.
inline QuantizedModel untrained(const Graph& training, Rng& rng) {
  Engine engine(training, {.batch = 16});
  engine.initialise(rng);
  const Graph deploy = deployed(training);
  const Model model =
      reordered(deployed(Model{training, engine.weights()}), minimal_peak_ram(deploy).order);
  std::vector<float> samples(32 * static_cast<std::size_t>(training.shape(0).elements()));
  for (float& value : samples) value = static_cast<float>(rng.normal());
  return quantise(model, samples);
}

}  // namespace thimble
