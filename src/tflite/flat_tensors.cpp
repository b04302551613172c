#include <variant>

#include "disjoint_sets.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

constexpr std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

bool works_on_images(const Op& op) {
  return std::holds_alternative<Conv2D>(op) || std::holds_alternative<DepthwiseConv2D>(op) ||
         std::holds_alternative<Pool2D>(op) || std::holds_alternative<Pad>(op);
}

}  // namespace

// Elementwise operators want all their tensors of one rank; an operator on images wants four axes,
// and only where none does are the outputs of Dense and Flatten flat.
std::vector<bool> flat_tensors(const Graph& graph) {
  tflite::DisjointSets same_rank(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.node(id).op;
    if (works_on_images(op) || std::holds_alternative<Dense>(op) ||
        std::holds_alternative<Flatten>(op)) {
      continue;
    }
    for (const NodeId input : graph.node(id).inputs) same_rank.join(input, id);
  }
  std::vector<bool> flat(graph.nodes().size());
  std::vector<bool> image(graph.nodes().size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.node(id).op;
    if (works_on_images(op)) {
      image[at(same_rank.find(id))] = true;
      for (const NodeId input : graph.node(id).inputs) image[at(same_rank.find(input))] = true;
    } else if (std::holds_alternative<Dense>(op) || std::holds_alternative<Flatten>(op)) {
      flat[at(same_rank.find(id))] = true;
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
