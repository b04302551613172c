#pragma once

#include <span>
#include <string>
#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble::optimise {

/// A network with the inputs and outputs of another one, and how it differs.
struct NetworkChange {
  std::string text;
  Graph graph;
};

/// The networks that come of one change where the tensors `at_peak` are made, or at the first
/// operators: half the filters of a convolution, together with all that must have as many for a
/// sum; a stride of 2; the stride of a later convolution. Those whose shapes do not fit are left
/// out.
std::vector<NetworkChange> smaller_networks(const Graph& graph, std::span<const NodeId> at_peak);

}  // namespace thimble::optimise
