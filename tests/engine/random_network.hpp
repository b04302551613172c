#pragma once

#include <vector>

#include "thimble/core/rng.hpp"
#include "thimble/engine/engine.hpp"

namespace thimble {

/// Uniform over [−1, 1).
std::vector<float> random_values(Rng& rng, std::int64_t count);

/// Every number drawn, biases and batch norm's included: gamma in [0.5, 1.5), variance in [0.5, 2).
Weights random_weights(Rng& rng, const Graph& graph);

/// Samples with their targets: probabilities for the cross-entropies, values for the squared error.
struct Samples {
  std::vector<float> inputs;
  std::vector<float> targets;
};
Samples random_samples(Rng& rng, const Graph& graph, Loss loss, int count);

std::vector<double> widened(const std::vector<float>& values);

}  // namespace thimble
