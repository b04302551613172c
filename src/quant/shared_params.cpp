#include "thimble/quant/shared_params.hpp"

#include <algorithm>
#include <numeric>

namespace thimble {
namespace {}  // namespace

bool moves_bytes(const Op& op) {
  const auto* activate = std::get_if<Activate>(&op);
  return std::holds_alternative<Pool2D>(op) || std::holds_alternative<Pad>(op) ||
         std::holds_alternative<Flatten>(op) || std::holds_alternative<Concat>(op) ||
         std::holds_alternative<ResizeNearest>(op) ||
         (activate != nullptr && activate->function == Activation::kRelu6);
}

std::vector<NodeId> shared_params(const Graph& graph) {
  std::vector<NodeId> leader(graph.nodes().size());
  std::iota(leader.begin(), leader.end(), 0);
  const auto find = [&](NodeId id) {
    while (leader[at(id)] != id) id = leader[at(id)] = leader[at(leader[at(id)])];
    return id;
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!moves_bytes(graph.node(id).op)) continue;
    for (const NodeId from : graph.node(id).inputs) {
      const NodeId one = find(id);
      const NodeId other = find(from);
      leader[at(std::max(one, other))] = std::min(one, other);
    }
  }
  for (NodeId id = 0; id < graph.size(); ++id) leader[at(id)] = find(id);
  return leader;
}

}  // namespace thimble
