#pragma once

#include <vector>

#include "thimble/core/json.hpp"
#include "thimble/graph/graph.hpp"
#include "thimble/space/range.hpp"
#include "thimble/space/task.hpp"

namespace thimble {

/// μNAS's space of multi-layer perceptrons: one to seven hidden dense layers with ReLU.
namespace mlp {
inline constexpr IntegerRange kLayers{1, 7};
inline constexpr IntegerRange kUnits{10, 256};
}  // namespace mlp

struct MlpGenotype {
  /// Units of each hidden layer.
  std::vector<int> dense;

  bool operator==(const MlpGenotype&) const = default;
};

OrderedJson to_json(const MlpGenotype& genotype);
/// The reverse. Throws ConfigError naming the field that is missing, unknown or out of its range.
MlpGenotype mlp_from_json(const JsonField& field);

/// Uniform over the number of layers and the units of each.
MlpGenotype random_mlp(Rng& rng);

/// The whole neighbourhood: each layer's units by ±1 and ±5, a random layer removed, a layer of
/// random units appended. None is equal to `genotype`.
std::vector<MlpGenotype> mlp_neighbours(const MlpGenotype& genotype, Rng& rng);

/// The training graph, ending in `task.logits()` logits. Dropout, when the task has it, stands
/// before every hidden layer but the first, so that no inputs are dropped.
Graph mlp_graph(const MlpGenotype& genotype, const Task& task);

/// Decimal logarithm of the product of all variables' spans, layers that are absent included, as
/// for `munas`.
double mlp_log10_size();

}  // namespace thimble
