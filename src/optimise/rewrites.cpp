#include "rewrites.hpp"

#include <algorithm>
#include <utility>

namespace thimble::optimise {
namespace {

template <class T>
std::vector<T> chosen(const std::vector<T>& by_node, const std::vector<NodeId>& ids) {
  std::vector<T> result;
  for (const NodeId id : ids) result.push_back(by_node[at(id)]);
  return result;
}

}  // namespace

QuantizedModel in_order(const QuantizedModel& model, const std::vector<NodeId>& order) {
  return {.graph = reordered(model.graph, order),
          .activations = chosen(model.activations, order),
          .weights = chosen(model.weights, order)};
}

QuantizedModel without_idle_reshapes(const QuantizedModel& model) {
  const Graph& graph = model.graph;
  const auto readers = graph.consumers();
  const auto is_idle = [&](NodeId id) {
    if (!std::holds_alternative<Flatten>(graph.node(id).op) || graph.is_output(id)) return false;
    return std::ranges::all_of(readers[at(id)], [&](NodeId reader) {
      return std::holds_alternative<Dense>(graph.node(reader).op);
    });
  };
  std::vector<NodeId> kept;
  std::vector<NodeId> new_ids;
  Graph lean;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    std::vector<NodeId> inputs = chosen(new_ids, node.inputs);
    if (is_idle(id)) {
      new_ids.push_back(inputs[0]);
      continue;
    }
    kept.push_back(id);
    new_ids.push_back(lean.add(node.op, std::move(inputs)));
  }
  for (const NodeId id : graph.outputs()) lean.mark_output(new_ids[at(id)]);
  return {.graph = std::move(lean),
          .activations = chosen(model.activations, kept),
          .weights = chosen(model.weights, kept)};
}

}  // namespace thimble::optimise
