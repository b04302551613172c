#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "thimble/engine/engine.hpp"

namespace thimble {

/// `NodeWeights` in double, so that differences of the loss are not drowned in rounding.
struct ReferenceWeights {
  std::vector<double> kernel, bias, gamma, beta, mean, variance;
};

std::vector<ReferenceWeights> widened(const Weights& weights);

/// The oracle: every node's tensor [n, H, W, C] by plain loops in double, written from the
/// operators' definitions in graph/op.hpp and sharing nothing with the engine. With `training`,
/// batch norm uses the batch's statistics. Dropout is identity.
std::vector<std::vector<double>> reference_tensors(const Graph& graph,
                                                   const std::vector<ReferenceWeights>& weights,
                                                   std::span<const double> inputs, bool training);

/// The mean loss of the network's output against `targets` [n, outputs] (probabilities for the
/// cross-entropies), labels smoothed as the options say.
double reference_loss(const Graph& graph, const std::vector<ReferenceWeights>& weights,
                      std::span<const double> inputs, std::span<const double> targets,
                      const EngineOptions& options);

}  // namespace thimble
