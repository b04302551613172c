#include "thimble/graph/graph.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"

namespace thimble {

NodeId Graph::add(Op op, std::vector<NodeId> inputs) {
  const std::string place = fmt::format("node {}", nodes_.size());
  std::vector<Shape> shapes;
  shapes.reserve(inputs.size());
  for (const NodeId id : inputs) {
    if (id < 0 || id >= size()) {
      raise<ModelError>("{} {}: input = {}: no earlier node has that id", place, op_name(op), id);
    }
    shapes.push_back(shape(id));
  }
  const Shape output = infer_shape(op, shapes, place);
  nodes_.push_back({std::move(op), std::move(inputs), output});
  return size() - 1;
}

void Graph::mark_output(NodeId node) {
  if (node < 0 || node >= size()) raise<ModelError>("output = {}: no node has that id", node);
  if (std::ranges::find(outputs_, node) != outputs_.end()) {
    raise<ModelError>("output = {}: is an output already", node);
  }
  outputs_.push_back(node);
}

std::vector<NodeId> Graph::inputs() const {
  std::vector<NodeId> ids;
  for (NodeId id = 0; id < size(); ++id) {
    if (std::holds_alternative<Input>(node(id).op)) ids.push_back(id);
  }
  return ids;
}

std::vector<NodeId> Graph::outputs() const {
  if (!outputs_.empty() || nodes_.empty()) return outputs_;
  return {size() - 1};
}

NodeId Graph::output() const {
  const auto all = outputs();
  if (all.size() != 1) raise<ModelError>("network: outputs = {}: needs one", all.size());
  return all[0];
}

bool Graph::is_output(NodeId id) const {
  if (outputs_.empty()) return id == size() - 1;
  return std::ranges::find(outputs_, id) != outputs_.end();
}

std::vector<std::vector<NodeId>> Graph::consumers() const {
  std::vector<std::vector<NodeId>> readers(nodes_.size());
  for (NodeId id = 0; id < size(); ++id) {
    for (const NodeId from : node(id).inputs) readers[static_cast<std::size_t>(from)].push_back(id);
  }
  return readers;
}

Graph reordered(const Graph& graph, std::span<const NodeId> order) {
  if (order.size() != graph.nodes().size()) {
    raise<ModelError>("order: {} ids: the network has {} nodes", order.size(), graph.size());
  }
  Graph result;
  std::vector<NodeId> renamed(order.size(), -1);
  for (const NodeId id : order) {
    if (id < 0 || id >= graph.size() || renamed[static_cast<std::size_t>(id)] != -1) {
      raise<ModelError>("order: id {}: must name each node once", id);
    }
    std::vector<NodeId> inputs;
    for (const NodeId from : graph.node(id).inputs) {
      inputs.push_back(renamed[static_cast<std::size_t>(from)]);
      if (inputs.back() == -1)
        raise<ModelError>("order: node {} runs before its input {}", id, from);
    }
    renamed[static_cast<std::size_t>(id)] = result.add(graph.node(id).op, std::move(inputs));
  }
  for (const NodeId id : graph.outputs()) result.mark_output(renamed[static_cast<std::size_t>(id)]);
  return result;
}

std::string describe(const Graph& graph) {
  std::string text;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    text += fmt::format("{} {} {}", id, op_name(node.op), to_string(node.output));
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      text += fmt::format("{}{}", i == 0 ? " <- " : ", ", node.inputs[i]);
    }
    text += graph.is_output(id) ? " (output)\n" : "\n";
  }
  return text;
}

}  // namespace thimble
