#pragma once

#include <span>
#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble {

/// The numbers of one node, in TFLite's layouts; empty where the operator has none.
struct NodeWeights {
  /// Conv2D [filters, kh, kw, in]; DepthwiseConv2D [kh, kw, in · multiplier]; Dense [units,
  /// inputs].
  std::vector<float> kernel;
  /// [output channels]; empty when the operator has no bias.
  std::vector<float> bias;
  /// BatchNorm, each [channels]: scale, offset, and the running statistics.
  std::vector<float> gamma, beta, mean, variance;

  bool operator==(const NodeWeights&) const = default;
};

/// By node id; as long as the graph.
using Weights = std::vector<NodeWeights>;

/// A network with its numbers.
struct Model {
  Graph graph;
  Weights weights;
};

/// How many numbers a node's kernel and bias hold.
struct ParameterCount {
  std::int64_t kernel = 0;
  std::int64_t bias = 0;
};
ParameterCount parameter_count(const Graph& graph, NodeId id);

/// What a node's quantised kernel takes on the device: two int4 share a byte.
std::int64_t kernel_bytes(const Graph& graph, NodeId id);

/// `reordered` of graph.hpp, with the weights following their nodes.
Model reordered(const Model& model, std::span<const NodeId> order);

/// Throws ModelError naming the node unless every vector of `weights` has the size that the graph
/// wants.
void check_weights(const Graph& graph, const Weights& weights);

}  // namespace thimble
