#include "initial_values.hpp"

#include <algorithm>
#include <cmath>

namespace thimble::engine {
namespace {

/// Whether a ReLU reads the node, directly or behind a batch norm.
bool meets_relu(const Graph& graph, NodeId id, const std::vector<std::vector<NodeId>>& consumers) {
  if (fused_activation(graph.node(id).op) != Activation::kNone) return true;
  return std::ranges::any_of(consumers[static_cast<std::size_t>(id)], [&](NodeId reader) {
    const Op& op = graph.node(reader).op;
    if (std::holds_alternative<Activate>(op)) return true;
    if (const auto* sum = std::get_if<Add>(&op)) return sum->activation != Activation::kNone;
    return std::holds_alternative<BatchNorm>(op) && meets_relu(graph, reader, consumers);
  });
}

}  // namespace

void set_initial_values(const Graph& graph, Weights& weights, Rng& rng) {
  const auto consumers = graph.consumers();
  for (NodeId id = 0; id < graph.size(); ++id) {
    NodeWeights& node = weights[static_cast<std::size_t>(id)];
    std::ranges::fill(node.bias, 0.0F);
    std::ranges::fill(node.gamma, 1.0F);
    std::ranges::fill(node.beta, 0.0F);
    std::ranges::fill(node.mean, 0.0F);
    std::ranges::fill(node.variance, 1.0F);
    if (node.kernel.empty()) continue;
    const double fan_in = static_cast<double>(node.kernel.size()) / graph.shape(id).channels;
    const double gain = meets_relu(graph, id, consumers) ? 2 : 1;
    const double deviation = std::sqrt(gain / fan_in);
    for (float& weight : node.kernel) weight = static_cast<float>(deviation * rng.normal());
  }
}

}  // namespace thimble::engine
