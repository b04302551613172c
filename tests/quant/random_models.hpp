#pragma once

#include <cstdint>
#include <vector>

#include "thimble/core/rng.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// Any value of int8, the extremes more often than their share.
std::vector<std::int8_t> random_bytes(Rng& rng, std::int64_t count);

/// Random integers and scales for a deployed graph: outputs from nearly constant to mostly
/// saturated, biases large and small. Keeps what check_quantized asks for.
QuantizedModel random_integers(const Graph& graph, Rng& rng);

/// One operator of each kind on a random shape; `kind` counts from 0 to kLayerKinds − 1.
constexpr int kLayerKinds = 21;
Graph random_layer(int kind, Rng& rng);

/// Some ten operators deep, with branches that are added or concatenated.
Graph random_network(Rng& rng);

/// Normal weights of a size that keeps activations near 1; batch norm statistics included.
Weights random_weights(const Graph& graph, Rng& rng);

}  // namespace thimble
