#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thimble/graph/op.hpp"

namespace thimble {

/// Index of a node and of the one tensor that it computes.
using NodeId = std::int32_t;

/// The place of a node's entry in a vector that has one for each node.
constexpr std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

struct Node {
  Op op;
  std::vector<NodeId> inputs;
  Shape output;

  bool operator==(const Node&) const = default;
};

/// A network as data: a directed acyclic graph whose nodes each compute one tensor. Nodes are
/// stored in an order in which they can run (inputs have smaller ids); that order is the order of
/// execution. Carries no weights: those are in `Weights`, by node id.
class Graph {
 public:
  /// Appends a node, infers its shape and returns its id. Throws ModelError naming the operator,
  /// its number and what is wrong (arity, sizes, zero output, id of no earlier node).
  NodeId add(Op op, std::vector<NodeId> inputs);
  NodeId input(Shape shape) { return add(Input{shape}, {}); }

  /// Declares a node an output of the network (in order of the calls, each at most once).
  void mark_output(NodeId node);

  std::span<const Node> nodes() const { return nodes_; }
  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  Shape shape(NodeId id) const { return node(id).output; }
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }

  /// Ids of the Input nodes, in order.
  std::vector<NodeId> inputs() const;
  /// As marked; the last node when none was.
  std::vector<NodeId> outputs() const;
  /// The single output. Throws ModelError when there are several.
  NodeId output() const;
  bool is_output(NodeId id) const;

  /// consumers()[i]: the nodes that read tensor i, in order, once for each time they read it.
  std::vector<std::vector<NodeId>> consumers() const;

  bool operator==(const Graph&) const = default;

 private:
  std::vector<Node> nodes_;
  std::vector<NodeId> outputs_;
};

/// The output shape of `op` on inputs of these shapes. Throws ModelError that begins with `place`.
Shape infer_shape(const Op& op, std::span<const Shape> inputs, std::string_view place);

/// The same network with its nodes in another order of execution; `order` lists all ids, each after
/// its inputs. Node `order[i]` becomes node i.
Graph reordered(const Graph& graph, std::span<const NodeId> order);

/// Equal networks hash equal, whatever order their nodes were added in and however the inputs of an
/// Add or Mul are ordered; nodes that no output needs do not count. The same on every machine and
/// in every run.
std::uint64_t canonical_hash(const Graph& graph);

/// One line a node: `3 CONV_2D 13x13x16 <- 2`. For logs and tests.
std::string describe(const Graph& graph);

}  // namespace thimble
