#include "thimble/graph/model.hpp"

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

void check_size(const Graph& graph, NodeId id, std::string_view name, std::size_t found,
                std::int64_t wanted) {
  if (found == static_cast<std::size_t>(wanted)) return;
  raise<ModelError>("node {} {}: {} has {} numbers: needs {}", id, op_name(graph.node(id).op), name,
                    found, wanted);
}

}  // namespace

ParameterCount parameter_count(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.inputs.empty()) return {};
  const Shape in = graph.shape(node.inputs[0]);
  const std::int64_t out = node.output.channels;
  if (const auto* conv = std::get_if<Conv2D>(&node.op)) {
    return {out * conv->kernel.height * conv->kernel.width * in.channels, conv->bias ? out : 0};
  }
  if (const auto* conv = std::get_if<DepthwiseConv2D>(&node.op)) {
    return {out * conv->kernel.height * conv->kernel.width, conv->bias ? out : 0};
  }
  if (const auto* dense = std::get_if<Dense>(&node.op)) {
    return {out * in.elements(), dense->bias ? out : 0};
  }
  return {};
}

std::int64_t kernel_bytes(const Graph& graph, NodeId id) {
  const std::int64_t count = parameter_count(graph, id).kernel;
  return weight_type(graph.node(id).op) == WeightType::kInt4 ? (count + 1) / 2 : count;
}

Model reordered(const Model& model, std::span<const NodeId> order) {
  Model result{.graph = reordered(model.graph, order)};
  result.weights.reserve(order.size());
  for (const NodeId id : order)
    result.weights.push_back(model.weights.at(static_cast<std::size_t>(id)));
  return result;
}

void check_weights(const Graph& graph, const Weights& weights) {
  if (weights.size() != graph.nodes().size()) {
    raise<ModelError>("weights: for {} nodes: the network has {}", weights.size(), graph.size());
  }
  for (NodeId id = 0; id < graph.size(); ++id) {
    const NodeWeights& w = weights[static_cast<std::size_t>(id)];
    const ParameterCount count = parameter_count(graph, id);
    check_size(graph, id, "kernel", w.kernel.size(), count.kernel);
    check_size(graph, id, "bias", w.bias.size(), count.bias);
    const bool normalises = std::holds_alternative<BatchNorm>(graph.node(id).op);
    const std::int64_t channels = normalises ? graph.shape(id).channels : 0;
    check_size(graph, id, "gamma", w.gamma.size(), channels);
    check_size(graph, id, "beta", w.beta.size(), channels);
    check_size(graph, id, "mean", w.mean.size(), channels);
    check_size(graph, id, "variance", w.variance.size(), channels);
  }
}

}  // namespace thimble
