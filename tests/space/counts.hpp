#pragma once

#include "thimble/graph/model.hpp"

namespace thimble {

/// Multiply-accumulates of the convolutions and dense layers.
inline std::int64_t count_macs(const Graph& graph) {
  std::int64_t macs = 0;
  for (const Node& node : graph.nodes()) {
    const auto area = [](Extent e) { return std::int64_t{e.height} * e.width; };
    if (const auto* conv = std::get_if<Conv2D>(&node.op)) {
      macs += node.output.elements() * area(conv->kernel) * graph.shape(node.inputs[0]).channels;
    } else if (const auto* depthwise = std::get_if<DepthwiseConv2D>(&node.op)) {
      macs += node.output.elements() * area(depthwise->kernel);
    } else if (std::holds_alternative<Dense>(node.op)) {
      macs += node.output.elements() * graph.shape(node.inputs[0]).elements();
    }
  }
  return macs;
}

/// The same as μNAS counts: a pool costs its window an output value, a sum of n tensors n − 1.
inline std::int64_t count_munas_macs(const Graph& graph) {
  std::int64_t macs = count_macs(graph);
  for (const Node& node : graph.nodes()) {
    if (const auto* pool = std::get_if<Pool2D>(&node.op)) {
      macs += node.output.elements() * pool->window.height * pool->window.width;
    } else if (std::holds_alternative<Add>(node.op)) {
      macs += node.output.elements() * static_cast<std::int64_t>(node.inputs.size() - 1);
    }
  }
  return macs;
}

/// Weights and biases.
inline std::int64_t count_parameters(const Graph& graph) {
  std::int64_t parameters = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    parameters += parameter_count(graph, id).kernel + parameter_count(graph, id).bias;
  }
  return parameters;
}

}  // namespace thimble
