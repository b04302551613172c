#include <variant>

#include "disjoint_sets.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

bool reads_images(const Op& op) {
  return std::holds_alternative<Conv2D>(op) || std::holds_alternative<DepthwiseConv2D>(op) ||
         std::holds_alternative<Pool2D>(op) || std::holds_alternative<Pad>(op) ||
         std::holds_alternative<ResizeNearest>(op) || std::holds_alternative<Mean>(op);
}

/// Whether the output of these need not be an image, whatever they read.
bool makes_vectors(const Op& op) {
  return std::holds_alternative<Dense>(op) || std::holds_alternative<Flatten>(op) ||
         std::holds_alternative<Mean>(op);
}

/// A factor of one value a channel may have two axes beside an image.
bool stands_alone(const Graph& graph, NodeId reader, NodeId input) {
  const Shape shape = graph.shape(input);
  const Shape product = graph.shape(reader);
  return std::holds_alternative<Mul>(graph.node(reader).op) &&
         shape == Shape{.channels = shape.channels} &&
         product != Shape{.channels = product.channels};
}

}  // namespace

// Elementwise operators want all their tensors of one rank; an operator on images wants four axes,
// and only where none does are the outputs of Dense, Flatten and Mean flat.
std::vector<bool> flat_tensors(const Graph& graph) {
  tflite::DisjointSets same_rank(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.node(id).op;
    if (reads_images(op) || makes_vectors(op)) continue;
    for (const NodeId input : graph.node(id).inputs) {
      if (!stands_alone(graph, id, input)) same_rank.join(input, id);
    }
  }
  std::vector<bool> flat(graph.nodes().size());
  std::vector<bool> image(graph.nodes().size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.node(id).op;
    if (reads_images(op)) {
      for (const NodeId input : graph.node(id).inputs) image[at(same_rank.find(input))] = true;
    }
    if (makes_vectors(op)) {
      flat[at(same_rank.find(id))] = true;
    } else if (reads_images(op)) {
      image[at(same_rank.find(id))] = true;
    }
  }
  std::vector<bool> result;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const std::size_t set = at(same_rank.find(id));
    result.push_back(flat[set] && !image[set]);
  }
  return result;
}

}  // namespace thimble
