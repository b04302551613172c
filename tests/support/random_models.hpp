#pragma once

#include <cstdint>
#include <vector>

#include "thimble/core/rng.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble::testing {

/// Which operators random graphs hold.
enum class Operators {
  kTrainable,  // those that the engine trains
  kAll,
};

/// A deployed graph of up to `operators` operators (at least one) with one output: every operator,
/// every padding, odd sizes, strides, dilations, branches, sums and concatenations come up. Small:
/// at most some 10^5 MACs.
Graph random_deployed_graph(Rng& rng, int operators, Operators which = Operators::kTrainable);

/// Random integers for a deployed graph. Scales are such that most values stay between the bounds
/// of int8, and are shared where TensorFlow Lite Micro wants them shared.
QuantizedModel random_quantized_model(Rng& rng, Graph graph);

/// `count` random inputs for a network, one after another, over the whole of int8.
std::vector<std::int8_t> random_inputs(Rng& rng, const Graph& graph, int count);

}  // namespace thimble::testing
